"""Customer pages of messaging: overview, inbox, campaigns, contacts, stats; live updates by polling."""
