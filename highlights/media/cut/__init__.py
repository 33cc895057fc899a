"""Cutting by stream copy, or with re-encoding only around the cuts."""
