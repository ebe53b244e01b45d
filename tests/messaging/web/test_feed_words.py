"""Head of the inbox: time of the provider's latest delivery, and day since which data is complete."""

from datetime import UTC, datetime, timedelta

import pytest

from instantly.choices import SyncStatus, SyncTrigger
from instantly.models import SyncRun
from messaging.inbox import feed_facts
from messaging.inbox.feed_facts import FeedFacts
from messaging.web.inbox_words import feed_words
from salesbrain import rls
from tests import factories
from tests.messaging.web.test_inbox import replied
from tests.salesbrain.web.pages import client_of

NOW = datetime(2026, 7, 10, 12, tzinfo=UTC)
HEARD, SINCE = NOW - timedelta(seconds=40), datetime(2026, 3, 3, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        (FeedFacts("Instantly", HEARD, SINCE, 0), "Instantly last heard 40 s ago, complete since 3 Mar 2026."),
        (FeedFacts("Instantly", HEARD, None, 0), "Instantly last heard 40 s ago."),
        (FeedFacts("Instantly", HEARD, SINCE, 2), "Instantly last heard 40 s ago, 2 gaps are being filled."),
        (FeedFacts("Instantly", None, None, 0), "Instantly has not delivered anything yet."),
    ],
    ids=["complete", "not checked yet", "with gaps", "nothing heard"],
)
def test_the_sentence_claims_only_known_facts(facts, words):
    assert feed_words(facts, NOW) == words


@pytest.mark.django_db
@pytest.mark.parametrize("headers", [{}, {"X-Part": "list"}], ids=["page", "refreshed list"])
def test_page_and_refreshed_list_show_the_sentence(customer, acme_connection, monkeypatch, headers):
    factories.complete_first_sync(acme_connection)
    replied(factories.campaign(acme_connection), "ann@atlas.example", "10:00")
    with rls.scope(rls.SYSTEM):
        SyncRun.objects.create(
            connection=acme_connection, trigger=SyncTrigger.RECONCILE, status=SyncStatus.SUCCEEDED,
            counts={"complete_since": SINCE.isoformat()}, finished_at=NOW,
        )  # fmt: skip
    monkeypatch.setattr(feed_facts, "_kept", {})
    page = client_of(customer).get("/inbox", headers=headers).content.decode()
    summary = page.partition('id="inbox-summary"')[2].partition("</div>")[0]
    assert "Instantly last heard" in summary and "complete since 3 Mar 2026." in summary
