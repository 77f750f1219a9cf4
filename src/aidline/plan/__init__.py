"""What to do: plan tables, the independent verifier, reasons, comparison."""
