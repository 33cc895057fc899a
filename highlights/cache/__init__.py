"""What was computed for a recording, cached by content."""
