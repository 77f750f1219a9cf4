"""What is known: tables, their specs, and the checks on them."""
