"""A stand-in for a grounding model, and synthetic matches it is asked about."""
