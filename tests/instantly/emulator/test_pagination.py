"""Pagination of the emulated lists with limit and cursor, as observed on the live service."""

from typing import Any

import pytest

from instantly.emulator import FakeInstantly

from .conftest import Api


@pytest.fixture
def api(fake: FakeInstantly) -> Api:
    return Api(fake, fake.add_workspace("big", bulk=(230, 120)).key)


def test_page_has_ten_items_by_default(api: Api) -> None:
    assert len(api.get("/campaigns")["items"]) == 10
    assert len(api.get("/campaigns", limit=100)["items"]) == 100


def test_limit_above_a_hundred_returns_an_empty_list(api: Api) -> None:
    assert api.get("/campaigns", limit=101) == {"items": []}


def test_limit_above_a_hundred_can_be_changed_by_assumption(fake: FakeInstantly, api: Api) -> None:
    fake.assume(page_over_100="reject")
    assert "limit must be <= 100" in api.get("/campaigns", limit=101, expect=400)["message"]
    fake.assume(page_over_100="clamp")
    assert len(api.get("/campaigns", limit=101)["items"]) == 100


@pytest.mark.parametrize("limit", ["0", "-1", "ten", "1.5"])
def test_invalid_limit_is_refused(api: Api, limit: str) -> None:
    assert api.get("/campaigns", limit=limit, expect=400)["error"] == "Bad Request"


def test_pagination_returns_every_campaign_once(api: Api) -> None:
    ids = [row["id"] for row in api.walk("/campaigns", limit=100)]
    assert len(ids) == len(set(ids)) == 230


def test_account_cursor_is_timestamp_and_email(api: Api) -> None:
    page = api.get("/accounts", limit=50)
    last = page["items"][-1]
    assert page["next_starting_after"] == f"{last['timestamp_created']}&{last['email']}"
    emails = [row["email"] for row in api.walk("/accounts", limit=50)]
    assert len(emails) == len(set(emails)) == 120


def test_timestamp_without_email_is_a_valid_cursor(api: Api) -> None:
    moment = api.get("/accounts", limit=50)["items"][-1]["timestamp_created"]
    assert api.get("/accounts", limit=50, starting_after=moment)["items"]


def test_the_last_page_has_no_cursor(api: Api) -> None:
    assert "next_starting_after" not in list_page(api, limit=100, skip_pages=2)


def test_full_last_page_may_have_a_cursor_to_an_empty_page(fake: FakeInstantly) -> None:
    fake.assume(cursor_on_last_full_page=True)
    api = Api(fake, fake.add_workspace("even", bulk=(20, 0)).key)
    last = list_page(api, limit=10, skip_pages=1)
    assert len(last["items"]) == 10
    assert api.get("/campaigns", limit=10, starting_after=last["next_starting_after"]) == {"items": []}


def list_page(api: Api, *, limit: int, skip_pages: int) -> Any:
    page = api.get("/campaigns", limit=limit)
    for _ in range(skip_pages):
        page = api.get("/campaigns", limit=limit, starting_after=page["next_starting_after"])
    return page


def test_pagination_continues_after_a_removed_item(api: Api) -> None:
    page = api.get("/campaigns", limit=100)
    api.delete(f"/campaigns/{page['next_starting_after']}")
    rest = api.get("/campaigns", limit=100, starting_after=page["next_starting_after"])["items"]
    seen = {row["id"] for row in page["items"]}
    assert len(rest) == 100
    assert not seen & {row["id"] for row in rest}


def test_invalid_cursor_is_refused(api: Api) -> None:
    assert api.get("/campaigns", starting_after="nonsense", expect=400)["message"] == "Invalid starting_after"


def test_lists_are_newest_first_by_default(fake: FakeInstantly, api: Api) -> None:
    def created() -> list[str]:
        return [row["timestamp_created"] for row in api.walk("/campaigns", limit=100)]

    assert created() == sorted(created(), reverse=True)
    fake.assume(newest_first=False)
    assert created() == sorted(created())


def test_accounts_can_be_sorted_and_skipped(api: Api) -> None:
    emails = [row["email"] for row in api.get("/accounts", sort_by="email", sort_order="asc", limit=20)["items"]]
    assert emails == sorted(emails)
    later = api.get("/accounts", sort_by="email", sort_order="asc", limit=10, skip=10)["items"]
    assert [row["email"] for row in later] == emails[10:]
