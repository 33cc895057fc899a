"""A timeline cut into a reel: `copy` (packets only), `smart` (re-encoded only at the cuts), `edit` (titles, fades, music)."""
