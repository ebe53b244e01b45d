"""Pagination of API lists by offset and cursor: each row once, in order, despite inserts."""

from datetime import timedelta

import pytest

from messaging.models import Message
from salesbrain import rls
from salesbrain.api import pagination
from tests import factories


@pytest.fixture
def campaign(acme_connection):
    return factories.campaign(acme_connection)


@pytest.fixture
def seven(campaign):
    """Create seven mails, three of them at the same instant; return their ids, latest first."""
    for number, minutes in enumerate((0, 1, 1, 1, 2, 3, 4)):
        factories.message(
            campaign, f"lead{number}@lead.example", happened_at=factories.NOON + timedelta(minutes=minutes)
        )
    with rls.scope(rls.SYSTEM):
        return [str(id) for id in Message.objects.latest_first().values_list("pk", flat=True)]


@pytest.fixture
def client(api, customer):
    return api(customer)


def walk(client, url: str | None, direction: str = "next") -> tuple[list[str], str | None]:
    """Follow the links; return the ids in the order seen and the last page's address."""
    seen: list[str] = []
    last = None
    while url:
        last, body = url, client.get(url).json()
        ids = [message["id"] for message in body["data"]["messages"]]
        seen = seen + ids if direction == "next" else ids + seen
        url = body[direction]
    return seen, last


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 100])
@pytest.mark.parametrize("start", ["offset=0", "cursor="])
def test_following_next_shows_every_row_once_in_order(client, campaign, seven, limit, start):
    assert walk(client, f"/api/instantly/campaign/{campaign.pk}/messages?limit={limit}&{start}")[0] == seven


@pytest.mark.parametrize("limit", [1, 2, 3])
def test_previous_leads_back_the_same_way(client, campaign, seven, limit):
    _, last = walk(client, f"/api/instantly/campaign/{campaign.pk}/messages?limit={limit}&cursor=")
    assert walk(client, last, "previous")[0] == seven


def test_a_row_that_is_added_meanwhile_repeats_none_by_cursor(client, campaign, seven):
    first = client.get(f"/api/instantly/campaign/{campaign.pk}/messages?limit=3&cursor=").json()
    factories.message(campaign, "new@lead.example", happened_at=factories.NOON + timedelta(hours=1))
    rest, _ = walk(client, first["next"])
    assert [message["id"] for message in first["data"]["messages"]] + rest == seven


def test_a_cursor_of_another_order_is_refused(client, campaign, seven):
    url = f"/api/instantly/campaign/{campaign.pk}/messages"
    following = client.get(f"{url}?limit=3&cursor=").json()["next"]
    answer = client.get(following + "&ordering=created_at")
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_cursor")


@pytest.mark.parametrize(
    "parts",
    [
        [],
        ["-happened_at"],
        ["-happened_at", 1, "x", "y"],
        ["-happened_at", False, "never", "y"],
        ["-happened_at", False, "2026-01-01T00:00:00+00:00", 5],
    ],
)
def test_a_made_up_cursor_is_refused(client, campaign, parts):
    from salesbrain.api.cursors import pack

    answer = client.get(f"/api/instantly/campaign/{campaign.pk}/messages?cursor={pack(*parts)}")
    assert answer.status_code in (400, 404) and answer.json()["success"] is False


def test_an_offset_counts_from_the_cursor(client, campaign, seven):
    first = client.get(f"/api/instantly/campaign/{campaign.pk}/messages?limit=2&cursor=").json()
    later = client.get(first["next"] + "&offset=2").json()
    assert [message["id"] for message in later["data"]["messages"]] == seven[4:6]
    assert "offset" not in later["next"]


def test_links_keep_the_filters(client, campaign, seven):
    body = client.get(f"/api/instantly/campaign/{campaign.pk}/messages?limit=2&direction=out").json()
    assert "direction=out" in body["next"] and "offset=2" in body["next"] and body["previous"] is None


def test_count_is_of_all_rows_not_of_the_page(client, campaign, seven):
    url = f"/api/instantly/campaign/{campaign.pk}/messages"
    assert client.get(f"{url}?limit=2").json()["count"] == 7
    assert client.get(f"{url}?limit=2&cursor=").json()["count"] == 7
    assert client.get(f"{url}?limit=2&step=2").json()["count"] == 0
    assert client.get(f"{url}?offset=50").json()["count"] == 7


def test_large_counts_come_from_the_rollups(client, campaign, seven, monkeypatch):
    monkeypatch.setattr(pagination, "COUNTED", 3)
    factories.daily_stats(campaign, messages=7)
    body = client.get(f"/api/instantly/campaign/{campaign.pk}/messages?limit=2").json()
    assert body["count"] == 7 and "count_is_exact" not in body


def test_a_large_filtered_count_is_marked_as_bounded(client, campaign, seven, monkeypatch):
    monkeypatch.setattr(pagination, "COUNTED", 3)
    body = client.get(f"/api/instantly/campaign/{campaign.pk}/messages?limit=2&direction=out").json()
    assert (body["count"], body["count_is_exact"]) == (3, False)
