"""Fixtures for processing, shared with the webhook tests: post deliveries, run the worker."""

from tests.instantly.webhooks.conftest import dedicated, fresh_secrets, payload, post, work

__all__ = ["dedicated", "fresh_secrets", "payload", "post", "work"]
