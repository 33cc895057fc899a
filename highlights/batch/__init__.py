"""Many matches: a manifest, a process or cluster task per match, a summary."""
