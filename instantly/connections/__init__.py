"""Everything about a stored connection to Instantly: client, rate limit, diagnostics, webhook."""
