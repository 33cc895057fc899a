"""Cutting without re-encoding, or only around the cuts."""
