"""Fixtures: a customer's outreach of some weeks, for the tests of pages."""

from datetime import UTC, datetime

import pytest

from tests.outreach_world import Outreach, furnish


@pytest.fixture
def outreach(acme_connection) -> Outreach:
    return furnish(acme_connection, now=datetime.now(UTC), days=25, people=60)


@pytest.fixture
def foreign(globex_connection) -> Outreach:
    """Create outreach of Globex, of which Acme must see nothing."""
    return furnish(
        globex_connection, now=datetime.now(UTC), days=10, people=20, seed=2, names=("Foreign one", "Foreign two")
    )
