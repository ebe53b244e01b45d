"""Fixtures: a synced workspace, and rows at Instantly for API writes by staff."""

import pytest

from accounts.models import AuditEntry, EmailAccount
from campaigns.models import Campaign
from salesbrain import rls

STAFF = "/api/instantly/admin"


@pytest.fixture
def campaign_in(space):
    """Return our campaign that is in a status at Instantly, and its row there."""

    def find(status):
        row = next(row for row in space.campaigns if row["status"] == status)
        with rls.scope(rls.SYSTEM):
            return Campaign.objects.get(provider_id=row["id"]), row

    return find


@pytest.fixture
def account(space):
    row = next(row for row in space.accounts if row["status"] == 1)
    with rls.scope(rls.SYSTEM):
        return EmailAccount.objects.get(address=row["email"].lower())


@pytest.fixture
def audited():
    def entries(action):
        with rls.scope(rls.SYSTEM):
            return list(AuditEntry.objects.filter(action=action).order_by("id"))

    return entries
