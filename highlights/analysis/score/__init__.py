"""The score graphic: found, read, and turned into score changes and a game clock."""
