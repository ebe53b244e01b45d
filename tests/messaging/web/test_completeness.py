"""Stats page: the day since which its figures are complete."""

from datetime import UTC, datetime

import pytest
from django.utils import translation

from messaging.inbox import feed_facts
from messaging.inbox.feed_facts import FeedFacts, FirstSync, Stage
from messaging.web.completeness import completeness
from tests.salesbrain.web.pages import client_of

SINCE = datetime(2026, 3, 1, 12, tzinfo=UTC)


def facts(since: datetime | None = SINCE, gaps: int = 0, first_sync: FirstSync | None = None) -> FeedFacts:
    return FeedFacts("Instantly", None, since, gaps, first_sync)


def test_completeness_is_said_in_words():
    assert completeness(facts()) == "complete since 1 Mar 2026"
    assert completeness(facts(gaps=1)) == "1 gap is being filled"
    assert completeness(facts(None)) == completeness(None) == ""
    assert completeness(facts(first_sync=FirstSync(Stage.CHECKING))) == ""
    with translation.override("de"):
        assert completeness(facts()) == "vollständig seit 1. Mär 2026"


@pytest.mark.django_db
def test_the_stats_page_says_since_when_its_figures_are_complete(customer, outreach, monkeypatch):
    monkeypatch.setattr(feed_facts, "_kept", {})
    monkeypatch.setattr(feed_facts, "_read", lambda organizations, now: facts())
    assert "complete since 1 Mar 2026" in client_of(customer).get("/stats").content.decode()
