"""Overview page: its sentence, replies to answer, and email accounts in trouble."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import translation

from messaging.web.news_words import news_sentence
from messaging.web.overview_data import News, last_working_day
from tests import factories
from tests.salesbrain.web.pages import client_of

FRIDAY = datetime(2026, 7, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("by_category", "english", "german"),
    [
        ({}, "No new replies since Friday.", "Keine neuen Antworten seit Freitag."),
        ({"not_interested": 1}, "1 new reply since Friday.", "1 neue Antwort seit Freitag."),
        (
            {"meeting": 3, "complaint": 1, "not_now": 7, None: 1},
            "12 new replies since Friday: 3 want a meeting, 1 complaint.",
            "12 neue Antworten seit Freitag: 3 möchten einen Termin, 1 Beschwerde.",
        ),
    ],
)
def test_the_sentence_says_what_is_new(by_category, english, german):
    for language, expected in (("en", english), ("de", german)):
        with translation.override(language):
            assert news_sentence(News(FRIDAY, by_category)) == expected


@pytest.mark.parametrize(("day", "since"), [(13, 10), (14, 13), (17, 16), (18, 17), (19, 17)])
def test_new_is_what_came_since_the_last_working_day(day, since):
    assert last_working_day(datetime(2026, 7, day, 9, tzinfo=UTC)) == datetime(2026, 7, since, tzinfo=UTC)


def to_answer(user) -> list[str]:
    return [row.email for row in client_of(user).get("/").context["overview"].to_answer]


@pytest.mark.django_db
def test_waiting_replies_are_listed_with_meetings_first_then_the_oldest(customer, acme, acme_connection):
    factories.campaign(acme_connection)
    now = datetime.now(UTC)
    kinds: dict[str, dict[str, Any]] = {
        "old": {}, "question": {"category": "question"}, "meeting": {"category": "meeting"}, "interested": {"category": "interested"},
        "away": {"category": "out_of_office"}, "no": {"category": "not_interested"}, "done": {"state": "done"},
        "later": {"category": "not_now"},
        "back": {"state": "snoozed", "snoozed_until": now - timedelta(minutes=1)},
        "asleep": {"state": "snoozed", "snoozed_until": now + timedelta(days=1)}, "waiting": {"state": "waiting"},
    }  # fmt: skip
    for number, (name, fields) in enumerate(kinds.items()):
        factories.conversation(
            factories.contact(acme, f"{name}@lead.example"),
            **{"waiting_since": now - timedelta(hours=50 - number), **fields},
        )
    found = [email.partition("@")[0] for email in to_answer(customer)]
    assert found == ["meeting", "old", "interested", "back", "question"]


@pytest.mark.django_db
def test_an_account_in_trouble_is_named(customer, acme_connection):
    factories.email_account(acme_connection, "well@acme.example")
    factories.email_account(acme_connection, "ill@acme.example", status="connection_error")
    factories.campaign(acme_connection)
    page = client_of(customer).get("/").content.decode()
    assert "ill@acme.example" in page and "well@acme.example" not in page


@pytest.mark.django_db
def test_parts_that_are_empty_say_so(customer, acme_connection):
    factories.complete_first_sync(acme_connection)
    factories.campaign(acme_connection)
    page = client_of(customer).get("/").content.decode()
    for words in (
        "Nothing is waiting for an answer.",
        "No email accounts yet",
        "No events yet",
        "No new replies since",
    ):
        assert words in page


@pytest.mark.django_db
def test_the_latest_events_exclude_those_that_we_derived(customer, acme_connection):
    campaign = factories.campaign(acme_connection)
    lena = factories.contact(campaign.organization, "lena@lead.example")
    otto = factories.contact(campaign.organization, "otto@lead.example")
    factories.event(campaign, 1, "email_opened", position=1, contact=lena)
    factories.event(campaign, -1, "reply_category", position=2, origin="rule", detail="meeting", contact=otto)
    page = client_of(customer).get("/").content.decode()
    assert "lena@lead.example" in page and "otto@lead.example" not in page
