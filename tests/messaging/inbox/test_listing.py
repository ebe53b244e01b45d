"""Inbox lists: conversations of each section (lane), counts, filters, pages."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from messaging.choices import ConversationState, Lane
from messaging.inbox import listing
from messaging.inbox.listing import Asked, Place
from messaging.models import ContactLabel, Conversation
from salesbrain import rls
from tests import factories

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 7, 10, 12, tzinfo=UTC)
CATEGORIES = (
    None, "interested", "meeting", "question", "objection", "not_now", "out_of_office", "auto_reply", "not_interested", "unsubscribe",
    "complaint", "wrong_person", "left_company", "unsure", "made_up",
)  # fmt: skip


@pytest.fixture
def all_kinds(acme) -> None:
    """Create conversations of every state, category and kind; ended and running snoozes; some at the same moment."""
    states: list[tuple[ConversationState, datetime | None]] = [
        (state, None) for state in ConversationState if state != "snoozed"
    ]
    states += [(ConversationState.SNOOZED, NOW + timedelta(hours=hours)) for hours in (-1, 0, 1)]
    for number, ((state, until), category, untracked) in enumerate(product(states, CATEGORIES, (False, True))):
        factories.conversation(
            factories.contact(acme, f"lead{number}@lead.example"), state=state.value, snoozed_until=until, category=category,
            is_untracked=untracked, last_mail_at=NOW - timedelta(minutes=number // 3), waiting_since=NOW - timedelta(hours=number),
        )  # fmt: skip


def listed(acme, asked: Asked, limit: int = 1000, before: Place | None = None) -> list:
    return listing.keys(asked, [acme.pk], now=NOW, limit=limit, before=before)


def test_every_conversation_is_in_exactly_one_lanes_list(acme, all_kinds):
    with rls.scope(rls.customer(acme.pk)):
        seen = []
        counts = listing.counts([acme.pk], now=NOW)
        for lane in Lane:
            expected = list(Conversation.objects.in_lane(lane, now=NOW).order_by("-last_mail_at", "-pk"))
            assert listed(acme, Asked(lane=lane)) == [row.pk for row in expected], lane
            assert counts[lane].count == len(expected), lane
            waiting = [row.waiting_since for row in expected]
            if lane not in (Lane.SNOOZED, Lane.DONE):
                assert counts[lane].oldest == min(waiting), lane
            seen += [row.pk for row in expected]
        assert len(seen) == len(set(seen)) == Conversation.objects.count()
        assert len(listed(acme, Asked(lane=None))) == len(seen)


@pytest.mark.parametrize("limit", [1, 7])
def test_pages_neither_repeat_nor_leave_out(acme, all_kinds, limit):
    with rls.scope(rls.customer(acme.pk)):
        whole, found, before = listed(acme, Asked(lane=Lane.NEEDS_REPLY)), [], None
        while page := listed(acme, Asked(lane=Lane.NEEDS_REPLY), limit=limit, before=before):
            found += page
            before = listing.rows(page[-1:], texts=False)[0].place
        assert found == whole and len(whole) > 7
        assert Place.read(str(before)) == before


@pytest.mark.parametrize("text", ["", "x", "2026-01-01~", "2026-01-01~x", "2026-01-01T00:00:00~" + "0" * 32])
def test_an_invalid_page_position_is_refused(text):
    with pytest.raises(ValueError):
        Place.read(text)


@pytest.mark.parametrize("rare", [2000, 0], ids=["few", "many"])
def test_filters_narrow_the_list_and_rows_are_complete(acme, customer, monkeypatch, rare):
    monkeypatch.setattr(listing, "RARE", rare)
    one, two = (factories.contact(acme, f"{name}@lead.example", company="Meridian") for name in ("one", "two"))
    for contact, is_unread in ((one, True), (two, False)):
        factories.conversation(contact, is_unread=is_unread, assignee_id=customer.pk if contact is two else None)
    with rls.scope(rls.SYSTEM):
        ContactLabel.objects.filter(contact=one).delete()
    with rls.scope(rls.customer(acme.pk)):
        assert listed(acme, Asked(label="VIP")) == [two.pk]
        assert listed(acme, Asked(unread=True)) == [one.pk]
        assert listed(acme, Asked(assignee=customer.pk)) == [two.pk]
        (row,) = listing.rows([two.pk], texts=True)
        assert (row.email, row.company, row.labels, row.text) == ("two@lead.example", "Meridian", ["VIP"], "")
        found = listing.choices([acme.pk])
        assert found.labels == ["VIP"] and [person["id"] for person in found.team] == [str(customer.pk)]


def test_counting_of_a_lane_stops_at_the_limit(acme, monkeypatch):
    monkeypatch.setattr(listing, "MOST_COUNTED", 3)
    for number in range(5):
        factories.conversation(factories.contact(acme, f"lead{number}@lead.example"))
    with rls.scope(rls.customer(acme.pk)):
        found = listing.counts([acme.pk], now=NOW)[Lane.NEEDS_REPLY]
        assert (found.count, found.is_more) == (3, True)


def test_another_organizations_conversations_are_in_no_list(acme, globex):
    theirs = factories.conversation(factories.contact(globex, "foreign@lead.example"))
    with rls.scope(rls.customer(acme.pk)):
        assert listing.keys(Asked(), [acme.pk, globex.pk], now=NOW) == []
        assert listing.rows([theirs.pk], texts=True) == []
        assert listing.counts([globex.pk], now=NOW)[Lane.NEEDS_REPLY].count == 0
        assert listing.choices([globex.pk]).labels == []
