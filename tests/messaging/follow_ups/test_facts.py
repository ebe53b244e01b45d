"""Follow-ups from stored rows: examples, and random histories against an independent recount."""

import os
import random
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from messaging.follow_ups.follow_up import follow_ups
from messaging.follow_ups.preferences import Country, Preferences
from messaging.intelligence.next_steps.states import State
from messaging.intelligence.next_steps.suggestions import SuggestionKind
from messaging.models import Contact, Message, MessageCategory, Suppression
from salesbrain import rls
from tests import factories
from tests.messaging.follow_ups.world import person, received, sent

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 8, 12, 12, tzinfo=UTC)  # a Wednesday
HISTORIES = int(os.environ.get("SALESBRAIN_HISTORIES", "300"))
"""Contacts with random histories; SALESBRAIN_HISTORIES=100000 for the acceptance figure, some minutes."""

CHUNK = 500


@pytest.fixture
def campaign(acme_connection):
    return factories.campaign(acme_connection)


def ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


def of(contact: Contact, now: datetime = NOW, prefer: Preferences | None = None) -> Any:
    with rls.scope(rls.customer(contact.organization_id)):
        (found,) = follow_ups({contact.pk: prefer or Preferences()}, now=now)
    return found


def test_an_unanswered_reply_is_ours_and_quotes_the_persons_words(campaign):
    ann = person(campaign, "ann")
    sent(campaign, ann, ago(3))
    received(campaign, ann, ago(1), "question", asks="call", on=date(2026, 8, 17), words="Call me on Monday.")
    found = of(ann)
    assert (found.state.state, found.suggestion.kind) == (State.OURS, SuggestionKind.CALL)
    assert (found.suggestion.on, found.suggestion.quoted) == (date(2026, 8, 17), "Call me on Monday.")
    assert found.key == f"call:{ago(1).isoformat()}"


def test_an_absence_note_counts_until_the_return(campaign):
    bob = person(campaign, "bob")
    sent(campaign, bob, ago(2))
    words = "back on 24 August"
    received(campaign, bob, ago(2), "out_of_office", asks="away", on=date(2026, 8, 24), is_auto_reply=True, words=words)
    found = of(bob)
    assert (found.state.state, found.suggestion.kind, found.suggestion.on) == (
        State.AWAY, SuggestionKind.WRITE_AGAIN, date(2026, 8, 24),
    )  # fmt: skip
    assert found.suggestion.quoted == words
    assert of(bob, datetime(2026, 8, 24, 9, tzinfo=UTC)).state.state is State.AWAITING


def test_on_the_promised_day_it_is_our_turn(campaign):
    cleo = person(campaign, "cleo")
    received(campaign, cleo, ago(20), "not_now", asks="wait_until", on=date(2026, 8, 12), words="Write in August.")
    assert of(cleo, ago(1)).state.state is State.PROMISED
    found = of(cleo)
    assert (found.state.state, found.suggestion.kind, found.suggestion.quoted) == (
        State.OURS, SuggestionKind.KEEP_PROMISE, "Write in August.",
    )  # fmt: skip


def test_public_holidays_do_not_count_as_business_days(campaign):
    dora = person(campaign, "dora")
    received(campaign, dora, datetime(2025, 8, 11, tzinfo=UTC), "question")
    sent(campaign, dora, datetime(2025, 8, 13, tzinfo=UTC))
    monday = datetime(2025, 8, 18, 12, tzinfo=UTC)
    assert of(dora, monday).state.state is State.DUE
    assert of(dora, monday, Preferences(Country("AT"))).state.state is State.AWAITING  # 15 August is a holiday there


def test_a_persons_correction_beats_the_providers_flag(campaign):
    emil = person(campaign, "emil")
    received(campaign, emil, ago(1), "question", source="staff", is_auto_reply=True)
    assert of(emil).state.state is State.OURS
    fay = person(campaign, "fay")
    received(campaign, fay, ago(1), "interested", source="staff", asks="never")
    assert of(fay).state.state is State.OURS, "a person corrected what the words seemed to say"


@pytest.mark.parametrize("category", ["not_interested", "unsubscribe", "complaint"])
def test_a_contact_who_refused_gets_no_suggestion(campaign, category):
    gus = person(campaign, "gus")
    received(campaign, gus, ago(1), category)
    assert of(gus).state.state is State.NEVER and of(gus).suggestion is None


def test_a_lifted_suppression_lifts_a_refusal_only_where_no_other_is_in_force(campaign):
    hal = person(campaign, "hal", unsubscribed_at=ago(9))
    received(campaign, hal, ago(1), "question")
    own = {"organization": campaign.organization, "email": hal.email, "first_at": ago(9), "last_at": ago(9)}
    with rls.scope(rls.SYSTEM):
        Suppression.objects.create(reason="unsubscribe", lifted_at=ago(2), **own)
        assert of(hal).state.state is State.OURS
        Suppression.objects.create(reason="complaint", **own)
    assert of(hal).state.state is State.NEVER


def test_a_switched_off_kind_is_not_suggested(campaign):
    ida = person(campaign, "ida")
    received(campaign, ida, ago(1), "question")
    off = Preferences(switched_off=frozenset({SuggestionKind.ANSWER}))
    assert of(ida, prefer=off).suggestion is None and of(ida).suggestion is not None


def test_another_organizations_contacts_have_no_facts(campaign, globex):
    jan = person(campaign, "jan")
    received(campaign, jan, ago(1), "question")
    with rls.scope(rls.customer(globex.pk)):
        (found,) = follow_ups({jan.pk: Preferences()}, now=NOW)
    assert found.state.state is State.IDLE and found.suggestion is None


# --- random histories ---------------------------------------------------------------------------------------------------

CATEGORIES = (
    "interested", "meeting", "question", "objection", "not_now", "not_interested", "unsubscribe", "complaint", "wrong_person",
    "left_company", "out_of_office", "auto_reply", "unsure", None,
)  # fmt: skip


def draw(campaign, dice: random.Random, number: int) -> tuple[Contact, list, list, list]:
    """Draw a contact with up to nine mails, dates and suppressions, between sixty days before and two days after NOW."""

    def at() -> datetime:
        return NOW - timedelta(hours=12 * dice.randrange(-4, 120))

    contact = Contact.objects.at(campaign.organization_id, f"p{number}@random.example")
    contact.first_seen_at = ago(60)
    for name in ("unsubscribed_at", "complained_at", "meeting_at"):
        if dice.random() < 0.04:
            setattr(contact, name, at())
    if dice.random() < 0.2:
        contact.interest, contact.interest_at = (
            dice.choice(["lead_interested", "lead_not_interested", "lead_neutral"]), at(),
        )  # fmt: skip
    if dice.random() < 0.1:
        contact.staff_interest, contact.staff_interest_at = (
            dice.choice(["lead_interested", "lead_not_interested"]), at(),
        )  # fmt: skip
    mails, sorted_as, blocked = [], [], []
    for _ in range(dice.randrange(0, 9)):
        moment, direction = at(), dice.choice(["out", "in"])
        mail = Message(
            id=UUID(int=dice.getrandbits(128)),
            organization_id=contact.organization_id, campaign=campaign, contact=contact, direction=direction,
            is_auto_reply=direction == "in" and dice.random() < 0.3, happened_at=moment, sent_at=moment,
        )  # fmt: skip
        mails.append(mail)
        category = dice.choice(CATEGORIES) if direction == "in" else None
        if category:
            asks = dice.choice(["none", "reply", "call", "wait_until", "ask_other", "never", "away", None])
            day = moment.date() + timedelta(days=dice.randrange(0, 40)) if dice.random() < 0.7 else None
            sorted_as.append(
                MessageCategory(
                    id=mail.pk, organization_id=contact.organization_id, category=category, predicted=category, p=0.5,
                    candidates=[], source=dice.choice(["staff", "model", "model"]), version="v", asks=asks, asks_on=day,
                )
            )  # fmt: skip
    for reason in ("unsubscribe", "complaint", "manual"):
        if dice.random() < 0.05:
            first, last = sorted((at(), at()))
            blocked.append(
                Suppression(
                    organization_id=contact.organization_id, email=contact.email, reason=reason, first_at=first,
                    last_at=last, lifted_at=at() if dice.random() < 0.5 else None,
                )
            )  # fmt: skip
    return contact, mails, sorted_as, blocked


def recount(contact: Contact, mails: list, sorted_as: list, blocked: list) -> str:
    """Return a contact's expected state, derived from its rows in order of time without any code of the product."""
    by_mail: dict[UUID, Any] = {row.id: row for row in sorted_as}
    diary = []
    for mail in mails:
        row: Any = by_mail.get(mail.id)
        category, asks = (row.category, row.asks) if row else ("", None)
        by_person = bool(row and row.source == "staff")
        machine = category in ("out_of_office", "auto_reply") or (mail.is_auto_reply and not by_person)
        if mail.direction == "out":
            diary.append((mail.happened_at, "we wrote", None))
            continue
        if not machine:
            diary.append((mail.happened_at, "they wrote", None))
            if asks == "wait_until":
                diary.append((mail.happened_at, "wait", row.asks_on))
            if category in ("interested", "meeting"):
                diary.append((mail.happened_at, "warm", None))
            if category == "not_interested" or (asks == "never" and not by_person):
                diary.append((mail.happened_at, "no", None))
        elif asks == "away":
            diary.append((mail.happened_at, "absent", row.asks_on))
        if category in ("unsubscribe", "complaint"):
            diary.append((mail.happened_at, category, None))
    said = contact.staff_interest or contact.interest
    said_at = contact.staff_interest_at if contact.staff_interest else contact.interest_at
    if said in ("lead_interested", "lead_not_interested"):
        diary.append((said_at, "warm" if said == "lead_interested" else "no", None))
    diary += [(contact.meeting_at, "warm", None), (contact.unsubscribed_at, "unsubscribe", None)]
    diary.append((contact.complained_at, "complaint", None))
    in_force = [row for row in blocked if row.lifted_at is None or row.last_at > row.lifted_at]
    diary += [(row.last_at, "blocked", None) for row in in_force]
    if not in_force:
        diary += [(row.lifted_at, "lifted", None) for row in blocked]
    last: dict = {}
    for at, what, day in diary:
        if at is not None and at <= NOW:
            last[what] = max(last.get(what, (at, date.min)), (at, day or date.min))
    when = {what: at for what, (at, _) in last.items()}
    never = datetime.min.replace(tzinfo=UTC)
    barred = [when[what] for what in ("unsubscribe", "complaint", "blocked") if what in when]
    if any(at >= when.get("lifted", never) for at in barred):
        return "never"
    if "no" in when and when.get("warm", never) <= when["no"]:
        return "never"
    today, theirs, ours = NOW.date(), when.get("they wrote", never), when.get("we wrote", never)
    if "absent" in last and last["absent"][1] > today and theirs < when["absent"]:
        return "away"
    if "wait" in last and last["wait"][1] != date.min and theirs <= when["wait"]:
        day = last["wait"][1]
        if day > today:
            return "promised"
        if ours.date() < day or ours <= when["wait"]:
            return "ours"
    if theirs is not never and ours <= theirs:
        return "ours"
    if ours is never:
        return "idle"
    if "warm" in when and NOW - ours >= timedelta(days=7):
        return "cold"
    working = sum((ours.date() + timedelta(days=n + 1)).isoweekday() < 6 for n in range((today - ours.date()).days))
    return "due" if working >= 3 and (theirs is not never or "warm" in when) else "awaiting"


def test_random_histories_equal_the_recount_and_never_means_no_suggestion(campaign):
    dice, seen = random.Random(20260812), dict.fromkeys((state.value for state in State), 0)
    for start in range(0, HISTORIES, CHUNK):
        drawn = [draw(campaign, dice, number) for number in range(start, min(start + CHUNK, HISTORIES))]
        with rls.scope(rls.SYSTEM):
            Contact.objects.bulk_create([contact for contact, *_ in drawn])
            for rows, model in ((1, Message), (2, MessageCategory), (3, Suppression)):
                model.objects.bulk_create([row for each in drawn for row in each[rows]])
        with rls.scope(rls.customer(campaign.organization_id)):
            found = follow_ups({contact.pk: Preferences() for contact, *_ in drawn}, now=NOW)
        for up, history in zip(found, drawn, strict=True):
            expected = recount(*history)
            assert up.state.state.value == expected, history
            assert expected != "never" or up.suggestion is None
            seen[expected] += 1
    assert min(seen.values()) > 0, seen
