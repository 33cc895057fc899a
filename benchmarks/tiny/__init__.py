"""Tiny random models of the true architectures."""
