"""Connections to Instantly: client from a stored API key, rate limit, diagnostics, subscription."""
