"""Finds the highlights of a sports match and cuts them into a reel."""
