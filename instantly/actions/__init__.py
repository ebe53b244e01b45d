"""Staff actions at the provider: writes to campaigns, email accounts and leads, and their jobs."""
