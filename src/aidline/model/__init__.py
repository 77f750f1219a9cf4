"""How the plan becomes mathematics: columns, rows and the exact solver."""
