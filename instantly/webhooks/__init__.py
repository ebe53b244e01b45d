"""HTTP side of the webhooks: authenticate a delivery, limit it, store it, respond."""
