"""Roads, damage, routing: who can be reached, how fast, and what a reopening gives."""
