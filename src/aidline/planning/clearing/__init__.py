"""Roads and supply in one plan: which blockage is opened when, for what supply makes of it."""
