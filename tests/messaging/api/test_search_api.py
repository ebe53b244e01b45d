"""API endpoint of message search: results, highlights, pagination."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection

from messaging import search
from messaging.api import search_views
from salesbrain import rls
from tests import factories

URL = "/api/instantly/search/messages"


@pytest.fixture
def campaign(acme_connection):
    return factories.campaign(acme_connection)


@pytest.fixture
def find(api, customer):
    with rls.scope(rls.SYSTEM):
        search.rebuild()
    while search.index_pending():
        pass
    client = api(customer)

    def get(query: str, **more):
        answer = client.get(URL, {"query": query, **more})
        assert answer.status_code == 200, answer.content
        return answer.json()

    return get


@pytest.fixture
def offers(campaign):
    for number in range(5):
        factories.message(
            campaign, f"lead{number}@lead.example", subject=f"Angebot {number}", body_text="Häuser & \"alte\" Gärten < fünf it's Bäume",
            happened_at=factories.NOON + timedelta(minutes=number),
        )  # fmt: skip


def test_the_answer_has_the_specifications_shape(offers, find):
    body = find("Angebote", limit=2)
    assert list(body) == ["success", "data", "count", "limit", "next"]
    assert (body["count"], body["limit"], body["data"]["query"]) == (5, 2, "Angebote")
    assert [message["subject"] for message in body["data"]["messages"]] == ["Angebot 4", "Angebot 3"]
    assert body["data"]["messages"][0]["contact"]["email"] == "lead4@lead.example"


@pytest.mark.parametrize("sort", ["newest", "relevance"])
def test_following_next_shows_every_hit_once(offers, find, api, customer, sort):
    body, seen = find("angebot", limit=2, sort=sort), []
    while True:
        seen += [message["id"] for message in body["data"]["messages"]]
        assert body["count"] == 5
        if body["next"] is None:
            break
        body = api(customer).get(body["next"]).json()
    assert len(seen) == len(set(seen)) == 5


@pytest.mark.parametrize("sort", ["newest", "relevance"])
def test_hits_of_a_phrase_are_counted_less_far_and_listed_all_the_same(campaign, find_after, monkeypatch, sort):
    monkeypatch.setattr(search, "COUNTED_OF_PHRASE", 3)
    for number in range(6):
        factories.message(campaign, f"p{number}@lead.example", subject="Neuer Rundbrief")
    page = find_after('"Neuer Rundbrief"', limit=2, sort=sort)
    assert (page["count"], page["count_is_exact"], len(page["data"]["messages"])) == (3, False, 2)
    whole = find_after('"Neuer Rundbrief"', limit=6, sort=sort)
    assert (whole["count"], len(whole["data"]["messages"])) == (6, 6) and "count_is_exact" not in whole
    words = find_after("Neuer Rundbrief", limit=2, sort=sort)
    assert words["count"] == 6 and "count_is_exact" not in words


def test_hits_are_marked_and_everything_else_is_escaped(offers, find):
    marked = find("haus baum")["data"]["messages"][0]["highlight"]["body"]
    assert marked == "<mark>Häuser</mark> &amp; &quot;alte&quot; Gärten &lt; fünf it&#39;s <mark>Bäume</mark>"


def test_a_mail_cannot_bring_its_own_markers(campaign, find_after, mark="\x02evil\x03 angebot"):
    factories.message(campaign, subject=mark)
    assert find_after("angebot")["data"]["messages"][0]["highlight"]["subject"] == "evil <mark>angebot</mark>"


@pytest.fixture
def find_after(request):
    return lambda *arguments, **more: request.getfixturevalue("find")(*arguments, **more)


def test_english_forms_are_marked_too(campaign, find_after):
    factories.message(campaign, body_text="We were running late")
    assert "<mark>running</mark>" in find_after("run")["data"]["messages"][0]["highlight"]["body"]


def test_a_misspelt_name_is_found_and_marked_as_similar(campaign, find_after, acme):
    factories.message(campaign, "katharina@lead.example", subject="Hallo")
    factories.contact(acme, "katharina@lead.example", first_name="Katharina")
    data = find_after("Katarina")["data"]
    assert data["fuzzy"] is True and [message["subject"] for message in data["messages"]] == ["Hallo"]


@pytest.mark.parametrize(
    ("query", "understood"),
    [("der", False), ("-angebot", False), ("...", False), ("unauffindbar", True), ("angebot", True)],
)
def test_a_query_without_words_is_reported(offers, find, query, understood):
    assert find(query)["data"]["understood"] is understood


def test_more_hits_than_are_counted(offers, find, monkeypatch):
    monkeypatch.setattr(search, "COUNTED", 3)
    body = find("angebot", limit=2)
    assert (body["count"], body["count_is_exact"]) == (3, False)


def test_filters_combine(offers, find, campaign):
    assert find("angebot", campaign_id=campaign.pk, direction="out")["count"] == 5
    assert find("angebot", campaign_id=uuid4())["count"] == 0
    assert find("angebot", since="2026-07-10T12:01:00Z", until="2026-07-10T12:03:00Z")["count"] == 2


@pytest.mark.parametrize(
    "query",
    [
        "",
        "?limit=5",
        "?query=",
        "?query=a&sort=oldest",
        "?query=a&limit=501",
        "?query=a&cursor=!",
        "?query=" + "a" * 201,
    ],
)
def test_invalid_queries_are_refused(api, customer, query):
    assert api(customer).get(URL + query).status_code == 400


@pytest.mark.parametrize("query", ["'", '"', "%", "\\", ":*", "a&b", "!!!", "😀", "-", " "])
def test_no_typed_query_causes_an_error(offers, find, query):
    find(query)
    find(query, sort="relevance")


def test_a_slow_search_is_ended_with_advice(api, customer, campaign, monkeypatch):
    def slowly(question, *, limit):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(5)")

    monkeypatch.setattr(search_views, "PATIENCE", 0.05)
    monkeypatch.setattr(search, "first", slowly)
    answer = api(customer).get(URL, {"query": '"common words"'})
    assert (answer.status_code, answer.json()["code"], answer.headers["Retry-After"]) == (503, "search_too_slow", "5")
    assert "narrow it by" in answer.json()["detail"]
