"""Fixtures: deliveries as they come off the wire, and a worker that processes them."""

from tests.instantly.webhooks.conftest import dedicated, fresh_secrets, payload, post, work

__all__ = ["dedicated", "fresh_secrets", "payload", "post", "work"]
