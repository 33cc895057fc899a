"""Audio: crowd excitement, roars, whistles and buzzers."""
