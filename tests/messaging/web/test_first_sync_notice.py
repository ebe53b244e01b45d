"""Pages during a workspace's first sync: notice of progress; missing data are not shown as none."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import translation

from messaging.inbox import feed_facts
from messaging.inbox.feed_facts import FeedFacts, FirstSync, Stage
from messaging.web.first_sync_words import arriving_words
from tests import factories
from tests.salesbrain.web.pages import client_of

NOW = datetime(2026, 7, 10, 12, tzinfo=UTC)
ALL_IS_WELL = (
    "Nobody waits for an answer",
    "Nothing is waiting for an answer",
    "Nothing has been sent yet",
    "No new replies",
    "No campaigns yet",
    "No email accounts yet",
    "No contacts yet",
    "No messages yet",
    "Nothing to count yet",
)


def sentence(sync: FirstSync, language: str = "en") -> str:
    with translation.override(language):
        words = arriving_words(FeedFacts("Instantly", None, None, 0, sync), NOW)
    assert words is not None
    return words.sentence


def test_recording_says_how_far_it_is_and_how_long_it_takes():
    sync = FirstSync(Stage.RECORDING, recorded=12_000, waiting=6_000, began_at=NOW - timedelta(seconds=60))
    assert sentence(sync) == "Data is arriving from Instantly: 12,000 of 18,000 events are recorded (30 s left)."
    assert (
        sentence(sync, "de")
        == "Daten von Instantly treffen ein: 12.000 von 18.000 Ereignissen sind erfasst (noch 30 Sek.)."
    )


def test_recording_promises_no_end_before_anything_is_recorded():
    sync = FirstSync(Stage.RECORDING, waiting=6_000, began_at=NOW)
    assert sentence(sync) == "Data is arriving from Instantly: 0 of 6,000 events are recorded."


@pytest.mark.parametrize("stage", [Stage.LISTING, Stage.CHECKING], ids=str)
def test_a_failure_says_when_it_is_tried_again(stage):
    assert "tried again every" not in sentence(FirstSync(stage))
    assert "tried again every" in sentence(FirstSync(stage, has_failed=True))


def test_no_notice_once_the_first_sync_is_complete():
    assert arriving_words(FeedFacts("Instantly", None, None, 0), NOW) is None
    assert arriving_words(None, NOW) is None


@pytest.mark.django_db
@pytest.mark.parametrize(
    "address", ["/", "/inbox", "/campaigns", "/email-accounts", "/contacts", "/messages", "/stats"]
)
def test_pages_say_that_data_is_still_arriving_and_not_that_there_is_none(customer, acme_connection, address):
    page = client_of(customer).get(address).content.decode()
    assert 'id="arriving"' in page
    assert [words for words in ALL_IS_WELL if words in page] == []


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/", "/inbox", "/contacts"])
def test_the_notice_loads_the_whole_page_again_once_the_first_sync_is_complete(
    customer, acme, acme_connection, monkeypatch, address
):
    client = client_of(customer)
    asks = {"HX-Request": "true", "X-Arriving": "1", "X-Organization": str(acme.pk)}
    assert "HX-Refresh" not in client.get(address, headers=asks).headers
    factories.complete_first_sync(acme_connection)
    monkeypatch.setattr(feed_facts, "_kept", {})
    assert client.get(address, headers=asks).headers["HX-Refresh"] == "true"
    assert "HX-Refresh" not in client.get(address).headers


@pytest.mark.django_db
def test_after_the_first_sync_an_empty_inbox_is_empty(customer, acme_connection):
    factories.complete_first_sync(acme_connection)
    client = client_of(customer)
    assert 'id="arriving"' not in client.get("/").content.decode()
    assert "Nobody waits for an answer." in client.get("/inbox").content.decode()


def test_facts_of_a_first_sync_are_asked_again_sooner(monkeypatch):
    """During a first sync the facts are cached for two seconds only, because the notice counts up."""
    asked: list[datetime] = []
    facts: dict[str, FirstSync | None] = {"first_sync": FirstSync(Stage.LISTING)}

    def read(organizations, now):
        asked.append(now)
        return FeedFacts("Instantly", None, None, 0, facts["first_sync"])

    monkeypatch.setattr(feed_facts, "_kept", {})
    monkeypatch.setattr(feed_facts, "_read", read)
    seconds = lambda n: NOW + timedelta(seconds=n)  # noqa: E731
    for second in (0, 1, 3):
        feed_facts.facts_of([], now=seconds(second))
    assert asked == [seconds(0), seconds(3)]
    facts["first_sync"] = None
    for second in (6, 9, 15, 17):
        feed_facts.facts_of([], now=seconds(second))
    assert asked[2:] == [seconds(6), seconds(17)]
