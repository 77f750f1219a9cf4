"""The supply plan: its arrays, its rules, and how results become tables."""
