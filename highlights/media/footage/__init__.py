"""The frames that a model is shown."""
