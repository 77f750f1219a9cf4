"""The national-size engine: an auction whose prices respond as goods move."""
