"""Scores of contacts: stored every night, with fit, outcome by band, and learned weights."""
