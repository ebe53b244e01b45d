"""Order and age of follow-ups: urgent and fresh ones first, old ones apart; their quoted words."""

from datetime import UTC, date, datetime, timedelta

import pytest

from messaging.follow_ups import decisions
from messaging.follow_ups.listing import Show, listed
from messaging.intelligence.next_steps.reading import read_message
from messaging.intelligence.triage.engine import Engine, Reply
from salesbrain import rls
from tests import factories
from tests.messaging.follow_ups.world import conversation, person, received
from tests.salesbrain.web.pages import client_of

NOW = datetime(2026, 8, 12, 12, tzinfo=UTC)  # a Wednesday


@pytest.fixture
def campaign(acme_connection):
    return factories.campaign(acme_connection)


def waiting(campaign, name: str, days: float, asks: str = "reply", category: str = "question", now: datetime = NOW):
    contact, at = person(campaign, name), now - timedelta(days=days)
    received(campaign, contact, at, category, asks=asks, words="What does it cost?")
    conversation(contact, at, category=category)
    return contact


def names(organization, show: Show = Show.OPEN) -> list[str]:
    with rls.scope(rls.customer(organization.pk)):
        rows = listed([organization.pk], now=NOW, show=show).rows
    return [row.contact.email.partition("@")[0] for row in rows]


@pytest.mark.django_db
def test_due_follow_ups_are_sorted_by_urgency_and_then_latest_first(acme, campaign):
    waiting(campaign, "older", 5)
    waiting(campaign, "other", 1, asks="ask_other", category="wrong_person")
    waiting(campaign, "newer", 2)
    waiting(campaign, "call", 9, asks="call", category="meeting")
    assert names(acme) == ["call", "newer", "older", "other"]


@pytest.mark.django_db
def test_suggestions_open_for_more_than_thirty_days_are_listed_apart(acme, campaign):
    waiting(campaign, "fresh", 29)
    old = waiting(campaign, "old", 32)
    assert names(acme) == ["fresh"] and names(acme, Show.OLD) == ["old"]
    assert names(acme, Show.ALL) == ["fresh", "old"] and names(acme, Show.DECIDED) == []
    with rls.scope(rls.customer(acme.pk)):
        assert listed([acme.pk], now=NOW).older == 1
        assert listed([acme.pk], now=NOW - timedelta(days=3)).older == 0
    assert old


@pytest.mark.django_db
def test_an_accepted_old_suggestion_is_listed_among_those_to_do(acme, campaign, customer):
    old = waiting(campaign, "old", 32)
    with rls.scope(rls.customer(acme.pk)):
        (row,) = listed([acme.pk], now=NOW, show=Show.OLD).rows
    decisions.decide(
        customer.scope_in(), by=customer, contact_id=old.pk, key=row.follow_up.key, decision="accepted", now=NOW
    )
    assert names(acme) == ["old"]


@pytest.mark.django_db
def test_the_page_says_how_many_are_older_and_leads_to_them(acme, campaign, customer, api):
    waiting(campaign, "old", 40, now=datetime.now(UTC))
    client = client_of(customer)
    html = client.get("/follow-ups").content.decode()
    assert "1 suggestion is older than 30 days." in html and "/follow-ups?show=old" in html
    assert "old@lead.example" in client.get("/follow-ups?show=old").content.decode()
    data = api(customer).get("/api/instantly/follow-ups").json()["data"]
    assert (data["count"], data["older"]) == (0, 1)


@pytest.mark.parametrize(
    ("text", "category", "quote"),
    [
        ("Guten Tag Frau Muster,\n\ndas passt gut zu dem, was wir vorhaben.", "interested", "das passt gut zu dem, was wir vorhaben."),
        ("Hi Ann,\n\nour people are fond of the old tool.", "objection", "our people are fond of the old tool."),
    ],
    ids=["German", "English"],
)  # fmt: skip
def test_a_greeting_is_not_the_words_that_a_suggestion_quotes(text, category, quote):
    found = read_message(subject=None, text=text, received=date(2026, 8, 12), category=category, is_automatic=False)
    assert found.words == quote


def test_the_words_of_the_category_are_quoted_where_no_rule_finds_others():
    text = "Guten Tag,\n\nich sitze gerade im Zug. Das passt gut zu dem, was wir vorhaben."
    found = read_message(
        subject=None, text=text, received=date(2026, 8, 12), category="interested", is_automatic=False,
        because="Das passt gut zu dem, was wir vorhaben.",
    )  # fmt: skip
    assert found.words == "Das passt gut zu dem, was wir vorhaben."


def test_the_engine_names_no_greeting_as_its_reason():
    (opinion,) = Engine(with_embeddings=False).classify([Reply("Re: Hi", "Guten Tag,\n\nzzz qqq xxx.\n\nGruß\nMax")])
    assert opinion.reason.get("sentence", "zzz qqq xxx.") == "zzz qqq xxx."
