"""A stand-in for a grounding model, and synthetic matches to ask it about."""
