"""Everything between a stored API key and a working client: rate limit, diagnostics, webhook subscription."""
