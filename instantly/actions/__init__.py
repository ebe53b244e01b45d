"""Staff actions at Instantly: writes to campaigns, email accounts and leads, and their jobs."""
