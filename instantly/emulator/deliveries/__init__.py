"""Webhook deliveries: payloads, subscriptions, attempts and retries, the log, worker threads."""
