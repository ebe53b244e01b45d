"""HTTP side of the webhooks: authenticate a delivery, bound it, store it, answer."""
