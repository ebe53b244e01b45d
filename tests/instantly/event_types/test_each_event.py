"""Processing of every event type: its fixture file changes exactly the expected rows and stats."""

import datetime
from typing import Any

import orjson
import pytest

from instantly.processing.vocabulary import NAMES
from tests.instantly.event_types.conftest import FIXTURES, look, read

pytestmark = pytest.mark.django_db(transaction=True)

LEAD = "robin.sample@werkzeugbau.example"
SENDER = "nora@outreach.example"
NAMED = {
    "first_name": "Robin",
    "last_name": "Sample",
    "company": "Sample Werkzeugbau GmbH",
    "phone": "+49 30 23125 000",
    "website": "https://werkzeugbau.example",
}
STEP = {"step": 1, "variant": 2}
THREAD = "f1-4kQdYbW2sample"
QUESTION = "Spannzeiten halbieren, Robin?"


def at(name: str) -> str:
    return orjson.loads(read(name))["timestamp"]


def logged(name: str, type: str, **more: Any) -> dict[str, Any]:
    """Return the expected row of the event log for an event of a lead."""
    body = orjson.loads(read(name))
    row = {
        "type": type,
        "detail": body["event_type"],
        "origin": "webhook",
        "happened_at": body["timestamp"],
        "lead_email": LEAD,
        **{key: NAMED[key] for key in ("first_name", "last_name", "company")},
        "campaign": True,
        "contact": True,
    }
    return (
        row | (STEP if "step" in body else {}) | ({"email_account": SENDER} if "email_account" in body else {}) | more
    )


def contact(name: str, named: bool = True, **facts: Any) -> dict[str, Any]:
    return {"email": LEAD, "first_seen_at": at(name)} | (NAMED | {"named_at": at(name)} if named else {}) | facts


def message(name: str, direction: str = "out", **facts: Any) -> dict[str, Any]:
    told = {"direction": direction, "kind": "campaign", "happened_at": at(name), "email_account": SENDER, **STEP}
    return told | facts


def conversation(name: str, state: str, *dates: str, **facts: Any) -> dict[str, Any]:
    """Return the expected conversation whose only mail is this one; `dates`: those that the mail sets."""
    return {"state": state, "version": 1, "last_mail_at": at(name)} | dict.fromkeys(dates, at(name)) | facts


def figures(name: str, **counts: int) -> dict[str, Any]:
    body = orjson.loads(read(name))
    key = {"day": datetime.date.fromisoformat(at(name)[:10])} | (STEP if "step" in body else {})
    return key | ({"email_account": SENDER} if "email_account" in body else {}) | counts


def of_a_mail(
    name: str, type: str, counts: dict[str, int], contact_facts: dict[str, Any], **facts: Any
) -> dict[str, Any]:
    return {
        "events": [logged(name, type, message="out")],
        "contacts": [contact(name, named=False, **contact_facts)],
        "messages": [message(name, **facts)],
        "figures": [figures(name, messages=1, **counts)],
    }


def of_a_click(name: str) -> dict[str, Any]:
    return of_a_mail(name, "email_clicked", {"clicks": 1, "unique_clicks": 1}, {}, clicked_at=at(name), click_count=1,
        click_times=[datetime.datetime.fromisoformat(at(name))])  # fmt: skip


def of_an_opt_out(name: str, type: str, fact: str, reason: str, figure: str) -> dict[str, Any]:
    return {
        "events": [logged(name, type)],
        "contacts": [contact(name, named=False, **{fact: at(name)})],
        "suppressions": [{"email": LEAD, "reason": reason, "first_at": at(name), "last_at": at(name)}],
        "figures": [figures(name, **{figure: 1})],
    }


def of_a_status(name: str, counted: str = "", **facts: Any) -> dict[str, Any]:
    return {
        "events": [logged(name, name, interest=name)],
        "contacts": [contact(name, interest=name, interest_at=at(name), **facts)],
        "figures": [figures(name, **{counted: 1})] if counted else [],
    }


def of_an_end(name: str, type: str) -> dict[str, Any]:
    return {"events": [logged(name, type)], "contacts": [contact(name)]}


def of_a_campaign(name: str, status: str) -> dict[str, Any]:
    event = {"type": name, "detail": name, "origin": "webhook", "happened_at": at(name), "campaign": True}
    return {"events": [event | {"contact": False}], "campaign": [{"status": status, "status_at": at(name)}]}


def of_an_account(name: str, status: str, reason: str = "") -> dict[str, Any]:
    event = {"type": name, "detail": name, "origin": "webhook", "happened_at": at(name), "email_account": SENDER}
    account = {"address": SENDER, "status": status, "status_at": at(name)}
    return {
        "events": [event | {"campaign": False, "contact": False}],
        "email accounts": [account | ({"status_reason": reason} if reason else {})],
    }


def of_the_workspace(name: str, type: str) -> dict[str, Any]:
    event = {"type": type, "detail": name, "origin": "webhook", "happened_at": at(name)}
    return {"events": [event | {"campaign": False, "contact": False}]}


def sent() -> dict[str, Any]:
    name, body = "email_sent", orjson.loads(read("email_sent"))
    text = {
        "subject": QUESTION,
        "body_text": body["email_text"],
        "body_html": body["email_html"].replace("<br />", "<br>"),
        "text_at": at(name),
    }
    return {
        "events": [logged(name, "email_sent", message="out", email_id=body["email_id"])],
        "contacts": [contact(name)],
        "messages": [message(name, sent_at=at(name), email_id=body["email_id"], **text)],
        "figures": [figures(name, messages=1, sent=1)],
    }


def received(name: str, said: str, **facts: Any) -> dict[str, Any]:
    body = orjson.loads(read(name))
    html = body["reply_html"].replace(' dir="auto"', "").replace(' class="gmail_quote"', "")
    return message(
        name,
        "in",
        sent_at=at(name),
        email_id=body["email_id"],
        thread_id=THREAD,
        subject=body["reply_subject"],
        body_text=body["reply_text"],
        body_html=html,
        reply_text=said,
        text_at=at(name),
        **facts,
    )


def of_a_persons_mail(name: str, **facts: Any) -> dict[str, Any]:
    """Return the expected conversation after a person's mail: open and unread."""
    dates = "last_inbound_at", "last_human_at", "waiting_since"
    return conversation(name, "open", *dates, is_unread=True, **facts)


def of_the_inbox(
    name: str, direction: str, conversation: dict[str, Any], thread: str = THREAD, type: str = "", **facts: Any
) -> dict[str, Any]:
    """Return the expected rows for a mail outside of campaigns: no stats, no names, no other mail changed."""
    body = orjson.loads(read(name))
    kind = "email" if direction == "out" else "reply"
    row = {
        "direction": direction,
        "kind": "manual",
        "happened_at": at(name),
        "sent_at": at(name),
        "text_at": at(name),
        "email_account": SENDER,
        "email_id": body["email_id"],
        "thread_id": thread,
        "subject": body[f"{kind}_subject"],
        "body_text": body[f"{kind}_text"],
        "body_html": body[f"{kind}_html"],
    }
    told = {"first_name", "last_name", "company"}
    event = logged(name, type or name, message=direction, email_id=body["email_id"], campaign=bool(body["campaign_id"]))
    return {
        "events": [{key: value for key, value in event.items() if key not in told}],
        "contacts": [contact(name, named=False)],
        "messages": [row | facts],
        "conversations": [conversation],
    }


def replied() -> dict[str, Any]:
    name = "reply_received"
    said = "Klingt gut, Donnerstag um 10 Uhr passt mir.\n\nGruß\nRobin"
    email_id = orjson.loads(read(name))["email_id"]
    return {
        "events": [logged(name, name, message="in", email_id=email_id)],
        "contacts": [contact(name, replied_at=at(name))],
        "messages": [message(name, replied_at=at(name)), received(name, said)],
        "conversations": [of_a_persons_mail(name)],
        "figures": [figures(name, messages=2, replies=1, unique_replies=1)],
    }


def replied_by_a_machine() -> dict[str, Any]:
    name = "auto_reply_received"
    said = "Ich bin bis zum 20. Juli nicht im Haus. In dringenden Fällen hilft die Zentrale."
    email_id = orjson.loads(read(name))["email_id"]
    return {
        "events": [logged(name, name, message="in", email_id=email_id)],
        "contacts": [contact(name)],
        "messages": [received(name, said, is_auto_reply=True)],
        "conversations": [conversation(name, "waiting", "last_inbound_at")],
        "figures": [figures(name, messages=1, auto_replies=1)],
    }


def labelled() -> dict[str, Any]:
    name, label = "custom_label", "Rückruf im Herbst"
    return {
        "events": [logged(name, "custom", interest=label)],
        "contacts": [contact(name, interest=label, interest_at=at(name))],
    }


EXPECTED: dict[str, dict[str, Any]] = {
    "email_sent": sent(),
    "email_opened": of_a_mail(
        "email_opened",
        "email_opened",
        {"opens": 1, "unique_opens": 1},
        {},
        opened_at=at("email_opened"),
        open_count=1,
        open_times=[datetime.datetime.fromisoformat(at("email_opened"))],
    ),
    "link_clicked": of_a_click("link_clicked"),
    "email_link_clicked": of_a_click("email_link_clicked"),
    "email_clicked": of_a_click("email_clicked"),
    "reply_received": replied(),
    "auto_reply_received": replied_by_a_machine(),
    "ai_agent_email_sent": of_the_inbox(
        "ai_agent_email_sent",
        "out",
        conversation("ai_agent_email_sent", "waiting", "last_outbound_at"),
        type="manual_email_sent",
    ),
    "manual_email_sent": of_the_inbox(
        "manual_email_sent", "out", conversation("manual_email_sent", "waiting", "last_outbound_at")
    ),
    "untracked_reply_received": of_the_inbox(
        "untracked_reply_received",
        "in",
        of_a_persons_mail("untracked_reply_received", is_untracked=True),
        "f1-9mXcZpV7sample",
        reply_text="Bringen Sie bitte Referenzen mit.\n\nGruß\nRobin",
    ),
    "untracked_auto_reply_received": of_the_inbox(
        "untracked_auto_reply_received",
        "in",
        conversation("untracked_auto_reply_received", "waiting", "last_inbound_at", is_untracked=True),
        "f1-9mXcZpV7sample",
        reply_text="Ich bin bis zum 20. Juli nicht im Haus.",
        is_auto_reply=True,
    ),
    "email_bounced": of_a_mail(
        "email_bounced",
        "email_bounced",
        {"bounces": 1},
        {"bounced_at": at("email_bounced")},
        bounced_at=at("email_bounced"),
    ),
    "lead_unsubscribed": of_an_opt_out(
        "lead_unsubscribed", "email_unsubscribed", "unsubscribed_at", "unsubscribe", "unsubscribes"
    ),
    "email_unsubscribed": of_an_opt_out(
        "email_unsubscribed", "email_unsubscribed", "unsubscribed_at", "unsubscribe", "unsubscribes"
    ),
    "email_spam_report": of_an_opt_out(
        "email_spam_report", "email_spam_report", "complained_at", "complaint", "complaints"
    ),
    "lead_interested": of_a_status("lead_interested", "interested"),
    "lead_not_interested": of_a_status("lead_not_interested", "not_interested"),
    "lead_neutral": of_a_status("lead_neutral"),
    "lead_meeting_booked": of_a_status("lead_meeting_booked", "meetings", meeting_at=at("lead_meeting_booked")),
    "lead_meeting_completed": of_a_status("lead_meeting_completed"),
    "lead_closed": of_a_status("lead_closed"),
    "lead_out_of_office": of_a_status("lead_out_of_office"),
    "lead_wrong_person": of_a_status("lead_wrong_person"),
    "lead_no_show": of_a_status("lead_no_show"),
    "lead_completed": of_an_end("lead_completed", "lead_completed"),
    "campaign_completed_for_lead_without_reply": of_an_end(
        "campaign_completed_for_lead_without_reply", "lead_completed"
    ),
    "lead_error": of_an_end("lead_error", "lead_error"),
    "custom_label": labelled(),
    "campaign_started": of_a_campaign("campaign_started", "active"),
    "campaign_paused": of_a_campaign("campaign_paused", "paused"),
    "campaign_completed": of_a_campaign("campaign_completed", "completed"),
    "account_error": of_an_account("account_error", "error", "IMAP login refused: authentication failed"),
    "account_suspended": of_an_account("account_suspended", "suspended"),
    "supersearch_enrichment_completed": of_the_workspace("supersearch_enrichment_completed", "enrichment_completed"),
    "enrichment_completed": of_the_workspace("enrichment_completed", "enrichment_completed"),
}


@pytest.mark.parametrize("name", EXPECTED)
def test_an_event_makes_exactly_its_rows_and_figures_and_its_copy_none(book, post, work, workspace, name):
    booked = book(name)
    made = {table: rows for table, rows in booked.rows.items() if rows}
    assert made == {table: rows for table, rows in EXPECTED[name].items() if rows}
    _, campaign, secret = workspace
    again = post(secret, read(name))
    assert (again.status_code, again.json()["message"]) == (200, "known already")
    assert work() == 0
    assert look(booked.payload, campaign).rows == booked.rows


def test_every_wire_name_and_every_fixture_file_has_a_case():
    assert set(EXPECTED) == set(NAMES) | {"custom_label"} == {path.stem for path in FIXTURES.glob("*.json")}
