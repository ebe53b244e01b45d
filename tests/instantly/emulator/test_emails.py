"""The mailbox: filtered, walked in either direction, written from."""

from typing import Any

import pytest

from instantly.emulator import FakeInstantly

from .conftest import Api


@pytest.fixture
def lived(fake: FakeInstantly, api: Api) -> Api:
    fake.set_rate(4)
    fake.advance(900)
    fake.set_rate(0)
    return api


def received(api: Api) -> dict[str, Any]:
    row: dict[str, Any] = api.get("/emails", email_type="received")["items"][0]
    return row


def test_mails_come_newest_first_or_oldest_first_by_the_time_stored(lived: Api) -> None:
    down = [row["timestamp_created"] for row in lived.walk("/emails", limit=100)]
    up = [row["timestamp_created"] for row in lived.walk("/emails", limit=100, sort_order="asc")]
    assert down == sorted(down, reverse=True)
    assert up == down[::-1]


def test_an_incremental_reader_misses_nothing_and_repeats_only_the_edge(fake: FakeInstantly, lived: Api) -> None:
    first = list(lived.walk("/emails", limit=100, sort_order="asc"))
    last = first[-1]["timestamp_created"]
    fake.set_rate(4)
    fake.advance(120)
    more = list(lived.walk("/emails", limit=100, sort_order="asc", min_timestamp_created=last))
    everything = [row["id"] for row in lived.walk("/emails", limit=100, sort_order="asc")]
    assert [row["id"] for row in first] + [row["id"] for row in more[1:]] == everything
    assert more[0]["id"] == first[-1]["id"]
    until = list(lived.walk("/emails", limit=100, sort_order="asc", max_timestamp_created=last))
    assert [row["id"] for row in until] == [row["id"] for row in first]


def test_flags_are_numbers_and_steps_are_text(lived: Api) -> None:
    row = received(lived)
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
def test_a_filter_keeps_exactly_those_it_names(lived: Api, query: dict[str, str], holds: Any) -> None:
    everything = list(lived.walk("/emails", limit=100))
    kept = [row["id"] for row in lived.walk("/emails", limit=100, **query)]
    assert kept == [row["id"] for row in everything if holds(row)]
    assert kept


def test_mails_are_found_by_lead_and_by_thread(lived: Api) -> None:
    row = received(lived)
    assert {one["lead"] for one in lived.walk("/emails", limit=100, lead=row["lead"])} == {row["lead"]}
    assert {one["lead"] for one in lived.walk("/emails", limit=100, search=row["lead"])} == {row["lead"]}
    thread = list(lived.walk("/emails", limit=100, search=f"thread:{row['thread_id']}"))
    assert {one["thread_id"] for one in thread} == {row["thread_id"]}
    newest = lived.get("/emails", search=f"thread:{row['thread_id']}", latest_of_thread="true")["items"]
    assert [one["id"] for one in newest] == [thread[0]["id"]]


def test_a_preview_leaves_the_body_out(lived: Api) -> None:
    row = lived.get("/emails", preview_only="true")["items"][0]
    assert row["body"] == {}
    assert lived.get(f"/emails/{row['id']}")["body"]


def test_reading_a_thread_counts_down_the_unread(lived: Api) -> None:
    before, row = lived.get("/emails/unread/count")["count"], received(lived)
    lived.post(f"/emails/threads/{row['thread_id']}/mark-as-read")
    assert lived.get("/emails/unread/count")["count"] < before
    assert lived.get(f"/emails/{row['id']}")["is_unread"] == 0


def test_an_answer_by_hand_goes_to_the_lead_in_the_same_thread(lived: Api) -> None:
    row = received(lived)
    answer = lived.post(
        "/emails/reply",
        eaccount=row["eaccount"],
        reply_to_uuid=row["id"],
        subject="Re: x",
        body={"text": "Thank you.\nT."},
    )
    assert (answer["ue_type"], answer["thread_id"]) == (3, row["thread_id"])
    assert answer["to_address_email_list"] == row["from_address_email"]
    assert answer["body"] == {"text": "Thank you.\nT.", "html": "Thank you.<br />T."}
    assert lived.get("/emails", email_type="manual")["items"][0]["id"] == answer["id"]


def test_an_answer_needs_an_account_of_the_workspace_and_a_mail_that_exists(lived: Api) -> None:
    row = received(lived)
    body = {"subject": "x", "body": {"text": "x"}}
    lived.post("/emails/reply", expect=400, eaccount="a@b.example", reply_to_uuid=row["id"], **body)
    lived.post("/emails/reply", expect=404, eaccount=row["eaccount"], reply_to_uuid="nothing", **body)


def test_a_test_mail_is_200_even_when_the_account_is_broken(api: Api) -> None:
    body: dict[str, Any] = {"to_address_email_list": "me@acme.example", "subject": "x", "body": {"html": "x"}}
    assert api.post("/emails/test", eaccount="anna.keller@acme-outreach.example", **body) == {"status": "success"}
    assert api.post("/emails/test", eaccount="sabine.lorenz@get-acme.example", **body) == {"error": "ACC_AUTH_ERROR"}
    assert api.post("/emails/test", eaccount="no@body.example", **body) == {"error": "ACC_NOT_FOUND"}


def test_no_more_mails_are_kept_than_assumed(fake: FakeInstantly, api: Api) -> None:
    fake.assume(emails_kept=100)
    fake.set_rate(4)
    fake.advance(600)
    assert 100 <= len(list(api.walk("/emails", limit=100))) <= 105
