"""Score graphics drawn by code, with known scores and times."""
