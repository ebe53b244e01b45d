"""Lead counts of campaigns: mirrored by each sync, without making it look at the campaigns again."""

from typing import Any

import pytest

from campaigns.models import Campaign
from instantly.choices import SyncStatus
from instantly.client import InstantlyClient
from instantly.client.errors import ServerError
from instantly.connections.services import client_for
from instantly.sync.lead_counts import FIELDS
from salesbrain import rls

pytestmark = pytest.mark.django_db(transaction=True)


def counts(connection) -> dict[Any, tuple[Any, ...]]:
    with rls.scope(rls.SYSTEM):
        found = Campaign.objects.filter(connection=connection).values_list("provider_id", *FIELDS)
        return {id: tuple(values) for id, *values in found}


def digests(connection) -> list[Any]:
    with rls.scope(rls.SYSTEM):
        return list(Campaign.objects.filter(connection=connection).order_by("pk").values_list("digest", flat=True))


def test_a_sync_stores_what_the_provider_counts(acme_connection, workspace, sync, instantly):
    space = workspace(acme_connection)
    live(instantly)
    sync(acme_connection)
    truth = {row["campaign_id"]: row for row in instantly_totals(acme_connection)}
    stored = counts(acme_connection)
    assert truth and set(stored) == {row["id"] for row in space.campaigns}
    for id, row in truth.items():
        assert stored[id] == tuple(row[name] for name in FIELDS)
        assert row["leads_count"] >= row["contacted_count"] > 0
    assert all(stored[id] == (None, None, None) for id in set(stored) - set(truth)), (
        "one that never sent is not told of"
    )


def live(instantly) -> None:
    """Let an hour pass in the emulator, with an event about every ten seconds."""
    instantly.set_rate(0.1)
    instantly.advance(3600)


def instantly_totals(connection) -> list[dict[str, Any]]:
    with client_for(connection) as client:
        return [row.model_dump() for row in client.campaign_analytics()]


def test_new_counts_alone_do_not_make_a_sync_look_at_the_campaigns_again(acme_connection, workspace, sync, instantly):
    workspace(acme_connection)
    live(instantly)
    sync(acme_connection)
    sync(acme_connection)
    before, known = counts(acme_connection), digests(acme_connection)
    assert all(known)
    live(instantly)
    with rls.scope(rls.SYSTEM):
        Campaign.objects.filter(connection=acme_connection, leads_count__gt=0).update(leads_count=None)
    assert digests(acme_connection) == known
    sync(acme_connection)
    assert counts(acme_connection) != before


def test_another_change_still_makes_it_look_again(acme_connection, workspace, sync):
    workspace(acme_connection)
    sync(acme_connection)
    with rls.scope(rls.SYSTEM):
        Campaign.objects.filter(connection=acme_connection).update(name="Changed by hand")
    assert not any(digests(acme_connection))


def test_a_sync_succeeds_without_the_counts(acme_connection, workspace, sync, monkeypatch):
    def fail(*args, **options):
        raise ServerError("down", status=500)

    workspace(acme_connection)
    monkeypatch.setattr(InstantlyClient, "campaign_analytics", fail)
    assert sync(acme_connection).status == SyncStatus.SUCCEEDED


def test_a_dry_run_stores_no_counts(acme_connection, workspace, sync, instantly):
    workspace(acme_connection)
    sync(acme_connection)
    before = counts(acme_connection)
    live(instantly)
    sync(acme_connection, dry_run=True)
    assert counts(acme_connection) == before


@pytest.mark.parametrize(
    ("leads", "contacted", "progress"),
    [(200, 50, 0.25), (200, 0, 0.0), (0, 0, None), (None, 5, None), (200, None, None), (10, 12, 1.0)],
    ids=["some", "none yet", "no leads", "leads not told", "contacted not told", "leads deleted since"],
)
def test_progress_is_the_share_of_leads_whose_sequence_has_started(leads, contacted, progress):
    assert Campaign(leads_count=leads, contacted_count=contacted).progress == progress
