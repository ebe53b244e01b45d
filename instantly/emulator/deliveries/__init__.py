"""Emulated webhook deliveries: payloads, subscriptions, attempts and retries, log, worker threads."""
