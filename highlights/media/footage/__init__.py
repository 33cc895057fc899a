"""The frames of a window, as a model receives them."""
