"""Tiny random models of the real architectures."""
