"""A timeline made into a film: `copy` (nothing re-encoded) or `edit` (titles, fades, music)."""
