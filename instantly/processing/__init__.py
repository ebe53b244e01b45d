"""Worker side of the webhooks: claim stored deliveries, read them, record what they say."""
