"""The rules of a supply plan, one function each, checked from the tables alone."""
