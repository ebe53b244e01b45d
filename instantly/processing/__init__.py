"""Worker side of the webhooks: claim stored deliveries, parse them, record their events."""
