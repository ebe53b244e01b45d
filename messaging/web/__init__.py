"""Pages of messaging: the overview, and the poll for live updates."""
