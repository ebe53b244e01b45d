"""Shape of emulated webhook payloads, compared with captured ones."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from instantly.emulator import Access, FakeInstantly, in_process_transport
from instantly.emulator.deliveries.payloads import EventContext, build_payload
from instantly.emulator.state.vocabulary import EVENTS

from .conftest import WebhookReceiver
from .openapi_document import PATH

SAMPLES = PATH.parent / "samples" / "webhooks"
NEVER_SENT = {"id", "event_id", "delivery_id", "lead_id", "webhook_id", "bounce_type", "bounce_reason", "url", "data"}
VARIABLES = {"firstName", "lastName", "companyName", "phone", "website", "personalization"}
SIMULATED_SECONDS = 1800


@pytest.fixture(scope="module")
def bodies() -> list[dict[str, Any]]:
    """Return the payloads of half an hour of simulation."""
    received: list[dict[str, Any]] = []

    def keep(url: str, body: bytes, headers: Any) -> int:
        received.append(json.loads(body))
        return 200

    fake = FakeInstantly(seed=5, transport=in_process_transport(keep))
    acme = fake.add_workspace("acme")
    fake.register_webhook(acme.id, "https://app.example/hook")
    fake.set_rate(4)
    fake.advance(SIMULATED_SECONDS)
    return received


def test_half_an_hour_contains_nearly_every_event_type(bodies: list[dict[str, Any]]) -> None:
    rare = {"lead_closed", "lead_no_show", "campaign_completed", "supersearch_enrichment_completed"}
    seen = {body["event_type"] for body in bodies}
    assert (set(EVENTS) - seen).issubset(rare)


def test_every_body_is_flat_and_has_a_millisecond_timestamp(bodies: list[dict[str, Any]]) -> None:
    for body in bodies:
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", body["timestamp"])
        assert {"timestamp", "event_type", "workspace", "campaign_id", "campaign_name"} <= set(body)
        assert not any(isinstance(value, dict | list) for value in body.values())
        assert not NEVER_SENT & set(body)


def test_lead_events_carry_the_leads_variables_in_camel_case(bodies: list[dict[str, Any]]) -> None:
    for body in bodies:
        if "lead_email" in body:
            assert body["email"] == body["lead_email"]
            assert set(body) >= VARIABLES
    awkward = [body for body in bodies if "signInToken" in body]
    assert awkward
    assert all(body["campaign"] != body["campaign_id"] for body in awkward)


def of(bodies: list[dict[str, Any]], event: str) -> list[dict[str, Any]]:
    return [body for body in bodies if body["event_type"] == event]


def test_steps_and_variants_count_from_one(bodies: list[dict[str, Any]]) -> None:
    sent = of(bodies, "email_sent")
    assert {body["step"] for body in sent} == {1, 2, 3}
    assert {body["variant"] for body in sent} == {1, 2}


def test_only_replies_have_an_email_id_and_a_unibox_url(bodies: list[dict[str, Any]]) -> None:
    for body in bodies:
        answered = body["event_type"] in ("reply_received", "auto_reply_received")
        assert ("email_id" in body) == answered
        assert bool(body.get("unibox_url")) == answered
        if body["campaign_id"]:
            assert "unibox_url" in body  # null in other events


def test_sent_mail_has_subject_html_and_sender_as_entered(bodies: list[dict[str, Any]]) -> None:
    sent = of(bodies, "email_sent")
    assert all(body["email_subject"] and "<div>" in body["email_html"] and "email_text" not in body for body in sent)
    assert not any("{{" in body["email_html"] + body["email_subject"] for body in sent)
    assert "James.Walker@acme-outreach.example" in {body["email_account"] for body in sent}


def test_replies_quote_the_thread_in_text_and_html(bodies: list[dict[str, Any]]) -> None:
    replies = of(bodies, "reply_received")
    assert all(body["reply_text"].startswith(body["reply_text_snippet"]) for body in replies)
    assert all("\n> " in body["reply_text"] and body["reply_subject"].startswith("Re: ") for body in replies)
    with_html = [body for body in replies if "reply_html" in body]
    assert 0 < len(with_html) < len(replies)
    assert all("gmail_quote" in body["reply_html"] for body in with_html)


def test_is_first_is_true_once_per_event_type_and_lead(bodies: list[dict[str, Any]]) -> None:
    seen: set[tuple[str, str]] = set()
    for body in bodies:
        if "is_first" in body:
            key = body["event_type"], body["lead_email"]
            assert body["is_first"] == (key not in seen)
            seen.add(key)


def test_leads_open_a_mail_more_than_once_at_different_times(bodies: list[dict[str, Any]]) -> None:
    opens = [(body["lead_email"], body["step"], body["timestamp"]) for body in of(bodies, "email_opened")]
    assert len(set(opens)) == len(opens) > len({one[:2] for one in opens})


def test_interest_events_contain_the_reply_but_no_sender(bodies: list[dict[str, Any]]) -> None:
    interested = of(bodies, "lead_interested")
    assert all("reply_text" in body and "email_account" not in body and "step" in body for body in interested)
    refused = of(bodies, "lead_not_interested")
    assert all("step" not in body and "email_account" not in body for body in refused)


def test_mails_are_in_both_languages(bodies: list[dict[str, Any]]) -> None:
    texts = " ".join(body["email_html"] for body in of(bodies, "email_sent"))
    assert "Viele Grüße" in texts
    assert "Best," in texts


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the captured deliveries are not beside this checkout (../shared)")
@pytest.mark.parametrize("name", sorted(EVENTS))
def test_a_body_has_the_keys_of_the_sample(
    fake: FakeInstantly, acme: Access, hook: Any, receiver: WebhookReceiver, name: str
) -> None:
    """Compare with the newest file of each event, except for custom variables and known gaps of captures."""
    if name != "email_sent":
        fake.trigger(acme.id, "reply_received")
    fake.trigger(acme.id, name)
    fake.drain()
    body = next(body for body in reversed(receiver.received) if body["event_type"] == name)
    for file in SAMPLES.glob(f"{name}.*"):
        sample = json.loads(file.read_bytes())
        if not re.search(r"\d{4}-\d\d", file.name):
            compare(body, sample, name)


def compare(body: dict[str, Any], sample: dict[str, Any], name: str) -> None:
    own = {"personalization", "favourite_colour", "Umsatz", "notes", "jobTitle", "campaign", "Subject", "signInToken"}
    answer = {"reply_subject", "reply_text", "reply_html", "reply_text_snippet"}
    left_out = {"step", "variant"} if name == "lead_not_interested" else set()
    assert set(sample) - own - set(body) - {"reply_html"} == left_out
    assert set(body) - own - set(sample) - answer == set()
    for key in set(body) & set(sample) - own:
        assert type(body[key]) is type(sample[key]) or None in (body[key], sample[key]), key


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the captured deliveries are not beside this checkout (../shared)")
@pytest.mark.parametrize("name", ["email_sent", "reply_received", "lead_interested"])
def test_body_has_the_keys_of_the_captured_delivery(bodies: list[dict[str, Any]], name: str) -> None:
    owners = {"campaign", "minutesDue", "minutesFreq", "signInToken"}
    known = {key for body in of(bodies, name) for key in body}
    captures = list(SAMPLES.glob(f"{name}.20*.json"))
    assert captures
    for file in captures:
        assert set(json.loads(Path(file).read_bytes())) - owners - known == set()


def test_lead_variable_overrides_a_documented_key_only_if_assumed() -> None:
    row = dict.fromkeys(("first_name", "last_name", "company_name", "phone", "website", "personalization"))
    lead = {"email": "ada@lead.example", **row, "payload": {"step": "their own", "timestamp": "never"}}
    context = EventContext(
        "email_opened",
        0,
        "w",
        campaign={"id": "c", "name": "n"},
        lead=lead,
        step=1,
        variant=1,
        sender="s",
        is_first=True,
    )
    assert build_payload(context)["step"] == 1
    assert build_payload(context, lead_variables_win=True)["step"] == "their own"


def test_sent_mails_contain_their_id_if_assumed(
    fake: FakeInstantly, acme: Access, hook: Any, receiver: WebhookReceiver
) -> None:
    fake.assume(email_id_on_sent_mails=True)
    fake.trigger(acme.id, "email_sent")
    fake.drain()
    assert fake.workspaces[acme.id].emails.get(receiver.received[0]["email_id"]) is not None
