"""Mailbox: filters, pagination in both directions, manual replies."""

from typing import Any

import pytest

from instantly.emulator import FakeInstantly

from .conftest import Api


@pytest.fixture
def active_api(fake: FakeInstantly, api: Api) -> Api:
    fake.set_rate(4)
    fake.advance(900)
    fake.set_rate(0)
    return api


def received(api: Api) -> dict[str, Any]:
    row: dict[str, Any] = api.get("/emails", email_type="received")["items"][0]
    return row


def test_mails_are_sorted_by_storage_time_in_either_direction(active_api: Api) -> None:
    down = [row["timestamp_created"] for row in active_api.walk("/emails", limit=100)]
    up = [row["timestamp_created"] for row in active_api.walk("/emails", limit=100, sort_order="asc")]
    assert down == sorted(down, reverse=True)
    assert up == down[::-1]


def test_incremental_reading_misses_nothing_and_repeats_only_the_boundary(fake: FakeInstantly, active_api: Api) -> None:
    first = list(active_api.walk("/emails", limit=100, sort_order="asc"))
    last = first[-1]["timestamp_created"]
    fake.set_rate(4)
    fake.advance(120)
    more = list(active_api.walk("/emails", limit=100, sort_order="asc", min_timestamp_created=last))
    everything = [row["id"] for row in active_api.walk("/emails", limit=100, sort_order="asc")]
    assert [row["id"] for row in first] + [row["id"] for row in more[1:]] == everything
    assert more[0]["id"] == first[-1]["id"]
    until = list(active_api.walk("/emails", limit=100, sort_order="asc", max_timestamp_created=last))
    assert [row["id"] for row in until] == [row["id"] for row in first]


def test_flags_are_numbers_and_steps_are_text(active_api: Api) -> None:
    row = received(active_api)
    assert [row[name] for name in ("is_unread", "is_focused", "ai_assisted")] == [1, 1, 0]
    assert isinstance(row["step"], str)
    assert not any(isinstance(value, bool) for value in row.values())


@pytest.mark.parametrize(
    ("query", "holds"),
    [
        ({"email_type": "sent"}, lambda row: row["ue_type"] == 1),
        ({"is_unread": "true"}, lambda row: row["is_unread"] == 1),
        ({"mode": "emode_others"}, lambda row: row["is_auto_reply"] == 1),
        (
            {"eaccount": "priya@try-acme.example,jonas@try-acme.example"},
            lambda row: row["eaccount"][:5] in ("priya", "jonas"),
        ),
    ],
)
def test_filter_returns_exactly_the_matching_mails(active_api: Api, query: dict[str, str], holds: Any) -> None:
    everything = list(active_api.walk("/emails", limit=100))
    kept = [row["id"] for row in active_api.walk("/emails", limit=100, **query)]
    assert kept == [row["id"] for row in everything if holds(row)]
    assert kept


def test_mails_are_found_by_lead_and_by_thread(active_api: Api) -> None:
    row = received(active_api)
    assert {one["lead"] for one in active_api.walk("/emails", limit=100, lead=row["lead"])} == {row["lead"]}
    assert {one["lead"] for one in active_api.walk("/emails", limit=100, search=row["lead"])} == {row["lead"]}
    thread = list(active_api.walk("/emails", limit=100, search=f"thread:{row['thread_id']}"))
    assert {one["thread_id"] for one in thread} == {row["thread_id"]}
    newest = active_api.get("/emails", search=f"thread:{row['thread_id']}", latest_of_thread="true")["items"]
    assert [one["id"] for one in newest] == [thread[0]["id"]]


def test_a_preview_leaves_the_body_out(active_api: Api) -> None:
    row = active_api.get("/emails", preview_only="true")["items"][0]
    assert row["body"] == {}
    assert active_api.get(f"/emails/{row['id']}")["body"]


def test_marking_a_thread_read_lowers_the_unread_count(active_api: Api) -> None:
    before, row = active_api.get("/emails/unread/count")["count"], received(active_api)
    active_api.post(f"/emails/threads/{row['thread_id']}/mark-as-read")
    assert active_api.get("/emails/unread/count")["count"] < before
    assert active_api.get(f"/emails/{row['id']}")["is_unread"] == 0


def test_manual_reply_goes_to_the_lead_in_the_same_thread(active_api: Api) -> None:
    row = received(active_api)
    answer = active_api.post(
        "/emails/reply",
        eaccount=row["eaccount"],
        reply_to_uuid=row["id"],
        subject="Re: x",
        body={"text": "Thank you.\nT."},
    )
    assert (answer["ue_type"], answer["thread_id"]) == (3, row["thread_id"])
    assert answer["to_address_email_list"] == row["from_address_email"]
    assert answer["body"] == {"text": "Thank you.\nT.", "html": "Thank you.<br />T."}
    assert active_api.get("/emails", email_type="manual")["items"][0]["id"] == answer["id"]


def test_manual_reply_requires_an_existing_account_and_mail(active_api: Api) -> None:
    row = received(active_api)
    body = {"subject": "x", "body": {"text": "x"}}
    active_api.post("/emails/reply", expect=400, eaccount="a@b.example", reply_to_uuid=row["id"], **body)
    active_api.post("/emails/reply", expect=404, eaccount=row["eaccount"], reply_to_uuid="nothing", **body)


def test_test_mail_returns_200_even_if_the_account_has_errors(api: Api) -> None:
    body: dict[str, Any] = {"to_address_email_list": "me@acme.example", "subject": "x", "body": {"html": "x"}}
    assert api.post("/emails/test", eaccount="anna.keller@acme-outreach.example", **body) == {"status": "success"}
    assert api.post("/emails/test", eaccount="sabine.lorenz@get-acme.example", **body) == {"error": "ACC_AUTH_ERROR"}
    assert api.post("/emails/test", eaccount="no@body.example", **body) == {"error": "ACC_NOT_FOUND"}


def test_mailbox_keeps_the_assumed_number_of_mails(fake: FakeInstantly, api: Api) -> None:
    fake.assume(emails_kept=100)
    fake.set_rate(4)
    fake.advance(600)
    assert 100 <= len(list(api.walk("/emails", limit=100))) <= 105
