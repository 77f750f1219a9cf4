"""What an expert would ask of a situation: one small function per question."""
