"""Local installation for a checkout: launcher of its processes, and demo data."""
