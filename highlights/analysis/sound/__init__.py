"""Crowd excitement, roars, whistles and buzzers."""
