"""Mailbox of the emulated API: filters, pagination in both directions, manual replies."""

from dataclasses import replace
from typing import Any

import pytest

from instantly.emulator import FakeInstantly
from instantly.emulator.life import mail_events

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
    assert [row[name] for name in ("is_unread", "is_focused", "ai_assisted")] == [1, 1 - row["is_auto_reply"], 0]
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


def answer(api: Api, row: dict[str, Any], **given: Any) -> Any:
    body = {
        "eaccount": row["eaccount"],
        "reply_to_uuid": row["id"],
        "subject": "Re: x",
        "body": {"html": "Thanks"},
        **given,
    }
    return api.post("/emails/reply", **body)


def test_people_answer_mails_written_by_hand_in_the_same_thread(fake: FakeInstantly, active_api: Api) -> None:
    fake.simulation.habits = replace(fake.simulation.habits, answer_manual=1.0)
    row = received(active_api)
    sent = answer(active_api, row)
    before = len(fake.events(row["organization_id"]))
    fake.advance(3600)
    thread = list(active_api.walk("/emails", search=f"thread:{row['thread_id']}", sort_order="asc", limit=100))
    later = [one["ue_type"] for one in thread if one["timestamp_created"] > sent["timestamp_created"]]
    assert later and set(later) == {2}, "who is keen may write twice"
    told = fake.events(row["organization_id"], after=before, limit=100_000)
    assert thread[-1]["id"] in {event.email_id for event in told if event.event_type == "reply_received"}


def test_an_account_with_an_error_refuses_to_send(fake: FakeInstantly, active_api: Api) -> None:
    row = received(active_api)
    space = fake.workspaces[row["organization_id"]]
    account = space.accounts.get(row["eaccount"])
    assert account is not None
    account["status"] = -1
    answer(active_api, row, expect=400)
    assert not list(active_api.walk("/emails", email_type="manual"))


def test_a_strangers_mail_has_no_campaign_and_no_webhook(fake: FakeInstantly, active_api: Api) -> None:
    row = received(active_api)
    space, told = row["organization_id"], len(fake.events(row["organization_id"]))
    mail = fake.receive_mail(space, account=row["eaccount"], sender="eve@else.example", subject="Hello", text="Who are you?",
                             attachments=["offer.pdf"])  # fmt: skip
    seen = active_api.get(f"/emails/{mail['id']}")
    assert (seen["campaign_id"], seen["lead"], seen["ue_type"]) == (None, None, 2)
    assert [file["filename"] for file in seen["attachment_json"]["files"]] == ["offer.pdf"]
    assert len(fake.events(space)) == told
    fake.simulation.habits = replace(fake.simulation.habits, answer_manual=1.0)
    sent = answer(active_api, mail)
    assert sent["to_address_email_list"] == "eve@else.example"
    fake.advance(3600)
    newest = active_api.get("/emails", search=f"thread:{mail['thread_id']}")["items"][0]
    assert (newest["from_address_email"], newest["ue_type"], newest["campaign_id"]) == ("eve@else.example", 2, None)


def test_done_and_assigned_to_are_filters(fake: FakeInstantly, active_api: Api) -> None:
    row = received(active_api)
    fake.mark_done(row["organization_id"], row["id"])
    user = "6d9f3c52-6b9c-4c8e-8d6a-3d6c1c0f7a11"
    answer(active_api, row, assigned_to=user)
    assert [one["id"] for one in active_api.walk("/emails", marked_as_done="true")] == [row["id"]]
    assert row["id"] not in {one["id"] for one in active_api.walk("/emails", limit=100, marked_as_done="false")}
    assert {one["lead_id"] for one in active_api.walk("/emails", limit=100, assigned_to=user)} == {row["lead_id"]}


def test_a_scheduled_mail_is_listed_as_one_until_it_is_sent(fake: FakeInstantly, active_api: Api) -> None:
    row = received(active_api)
    mail = fake.schedule_mail(row["organization_id"], row["id"], "Later", seconds=60)
    assert [one["id"] for one in active_api.walk("/emails", scheduled_only="true")] == [mail["id"]]
    fake.advance(61)
    assert not list(active_api.walk("/emails", scheduled_only="true"))
    assert active_api.get(f"/emails/{mail['id']}")["ue_type"] == 3


def test_a_reply_links_to_its_thread_by_an_id_of_its_own(fake: FakeInstantly, active_api: Api) -> None:
    row = received(active_api)
    event = fake.trigger(row["organization_id"], "reply_received")
    attempts = fake.simulation.deliveries
    assert event.email_id and attempts
    from instantly.emulator.deliveries.payloads import EventContext, build_payload

    reply = active_api.get(f"/emails/{event.email_id}")
    context = EventContext("reply_received", 0, row["organization_id"], campaign={"id": "c", "name": "C"}, reply=reply)
    own = build_payload(context)["unibox_url"]
    same = build_payload(replace(context, own_thread_id=False))["unibox_url"]
    assert "thread:f1-" in own and f"thread:{reply['thread_id']}&" in same


def test_the_ai_agents_answer_says_who_sent_it(fake: FakeInstantly, active_api: Api) -> None:
    row = received(active_api)
    agent = "019ffad2-5c98-7531-9735-e1a721735ad8"
    mail = fake.answer_by_agent(row["organization_id"], row["id"], "Happy to help", agent=agent)
    listed = active_api.get("/emails", search=f"thread:{row['thread_id']}")["items"][0]
    assert (listed["id"], listed["ai_agent_id"], listed["ai_assisted"], listed["ue_type"]) == (mail["id"], agent, 1, 3)


def test_mails_of_a_subsequence_have_its_id(fake: FakeInstantly, active_api: Api) -> None:
    row = received(active_api)
    lead = fake.workspaces[row["organization_id"]].leads.get(row["lead_id"])
    assert lead is not None and row["subsequence_id"] is None
    lead["subsequence_id"] = "019ffad2-5c98-7531-9735-e1a378631cf2"
    space = fake.workspaces[row["organization_id"]]
    campaign = space.campaigns.get(row["campaign_id"])
    assert campaign is not None
    mail = mail_events.send(fake.simulation, space, campaign, lead, row["eaccount"], 1)
    assert mail["subsequence_id"] == lead["subsequence_id"]
