"""From a stored API key to a working client: rate limit, diagnostics, webhook subscription."""
