"""List of follow-ups and decisions: accept, change, dismiss, take back, switched-off kinds, roles."""

from datetime import UTC, date, datetime, timedelta

import pytest

from accounts.choices import MembershipRole
from accounts.models import AuditEntry
from accounts.permissions import RoleTooLow
from messaging.follow_ups import decisions
from messaging.follow_ups.decisions import InvalidDecision, OldSuggestion
from messaging.follow_ups.listing import Show, listed
from messaging.inbox.refusals import UnknownConversation
from messaging.intelligence.next_steps.suggestions import SuggestionKind
from messaging.models import Conversation, SuggestionDecision
from salesbrain import rls
from tests import factories
from tests.messaging.follow_ups.world import conversation, person, received, sent

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 8, 12, 12, tzinfo=UTC)
BACK = date(2026, 8, 24)


@pytest.fixture
def campaign(acme_connection):
    return factories.campaign(acme_connection)


@pytest.fixture
def ann(campaign):
    """Create Ann, a contact who asked a question yesterday."""
    return asked(campaign, "ann")


def asked(campaign, name, days=1):
    contact, at = person(campaign, name), NOW - timedelta(days=days)
    received(campaign, contact, at, "question", asks="reply", words="What does it cost?")
    conversation(contact, at)
    return contact


def away(campaign, name="bob"):
    contact, at = person(campaign, name), NOW - timedelta(days=2)
    sent(campaign, contact, at)
    received(campaign, contact, at, "out_of_office", asks="away", on=BACK, is_auto_reply=True)
    conversation(contact, at, state="waiting", category="out_of_office", waiting_since=None)
    return contact


def todo(organization, now=NOW, **asked):
    return rows_of(organization.pk, now, **asked)


def rows_of(organization_id, now=NOW, **asked):
    with rls.scope(rls.customer(organization_id)):
        return listed([organization_id], now=now, **asked).rows


def decide(contact, by, decision="accepted", *, now=NOW, role=MembershipRole.MEMBER, **given):
    (row,) = [
        row for row in rows_of(contact.organization_id, now, show=Show.ALL) if row.contact.contact_id == contact.pk
    ]
    given = {"key": row.follow_up.key, **given}
    scope = rls.customer(contact.organization_id, role)
    return decisions.decide(scope, by=by, contact_id=contact.pk, decision=decision, now=now, **given)


def test_the_list_is_in_order_of_days_and_then_latest_first(campaign, acme):
    asked(campaign, "young"), away(campaign), asked(campaign, "old", days=5)
    assert [row.contact.email.partition("@")[0] for row in todo(acme)] == ["young", "old", "bob"]


def test_closed_snoozed_and_untracked_conversations_are_left_out(campaign, acme):
    for name, fields in (
        ("closed", {"state": "done"}),
        ("snoozed", {"state": "snoozed", "snoozed_until": NOW + timedelta(days=1)}),
        ("untracked", {"is_untracked": True}),
        ("over", {"state": "snoozed", "snoozed_until": NOW - timedelta(days=1)}),
    ):
        contact = person(campaign, name)
        received(campaign, contact, NOW - timedelta(days=1), "question")
        conversation(contact, NOW - timedelta(days=1), **fields)
    assert [row.contact.email for row in todo(acme, show=Show.ALL)] == ["over@lead.example"]


def test_an_accepted_suggestion_stays_until_it_is_done(campaign, acme, ann, customer):
    assert decide(ann, customer) and not decide(ann, customer), "the second time it is nothing new"
    (row,) = todo(acme)
    assert row.follow_up.decision.decision == "accepted" and row.follow_up.decision.user_name
    sent(campaign, ann, NOW)
    assert todo(acme) == []


def test_accepting_a_later_day_puts_the_conversation_away_until_its_morning_and_then_it_is_due(
    campaign, acme, customer
):
    bob = away(campaign)
    customer.time_zone = "Europe/Berlin"
    decide(bob, customer)
    with rls.scope(rls.SYSTEM):
        row = Conversation.objects.get(pk=bob.pk)
    assert (row.state, row.snoozed_until) == ("snoozed", datetime(2026, 8, 24, 6, tzinfo=UTC))
    assert todo(acme) == []
    (back,) = todo(acme, datetime(2026, 8, 24, 8, tzinfo=UTC))
    assert back.follow_up.suggestion.kind is SuggestionKind.KEEP_PROMISE and back.on == BACK
    sent(campaign, bob, datetime(2026, 8, 24, 9, tzinfo=UTC))
    assert todo(acme, datetime(2026, 8, 24, 10, tzinfo=UTC)) == []


def test_a_changed_day_replaces_the_suggested_one(campaign, acme, ann, customer):
    decide(ann, customer, "changed", on=date(2026, 8, 20))
    assert todo(acme) == []
    (row,) = todo(acme, datetime(2026, 8, 20, 9, tzinfo=UTC))
    assert row.on == date(2026, 8, 20) and row.follow_up.decision.decision == "changed"


def test_a_dismissed_suggestion_is_gone_until_something_happens_or_it_is_taken_back(campaign, acme, ann, customer):
    decide(ann, customer, "dismissed", why="misread")
    assert todo(acme) == []
    (row,) = todo(acme, show=Show.DECIDED)
    assert row.follow_up.decision.why == "misread"
    scope = rls.customer(acme.pk, MembershipRole.MEMBER)
    assert decisions.take_back(scope, by=customer, contact_id=ann.pk, key=row.follow_up.key, now=NOW)
    assert len(todo(acme)) == 1
    decide(ann, customer, "dismissed", why="misread")
    received(campaign, ann, NOW - timedelta(hours=1), "question")
    assert len(todo(acme)) == 1, "a new reply is another suggestion"
    with rls.scope(rls.SYSTEM):
        actions = list(AuditEntry.objects.filter(action__startswith="suggestion").values_list("action", flat=True))
    assert sorted(actions) == ["suggestion.decide", "suggestion.decide", "suggestion.take_back"]


@pytest.mark.parametrize(
    ("decision", "given"),
    [
        ("dismissed", {}), ("dismissed", {"why": "because"}), ("changed", {}), ("changed", {"on": date(2026, 8, 12)}),
        ("accepted", {"on": date(2026, 9, 1)}), ("sent", {}),
    ],
    ids=["no reason", "unknown reason", "no day", "today", "a day with an acceptance", "no decision"],
)  # fmt: skip
def test_an_invalid_decision_is_refused(ann, customer, decision, given):
    with pytest.raises(InvalidDecision):
        decide(ann, customer, decision, **given)


def test_an_old_suggestion_is_refused(campaign, ann, customer):
    with pytest.raises(OldSuggestion):
        decide(ann, customer, key="answer:2026-01-01T00:00:00+00:00")


def test_observers_and_other_organizations_decide_nothing(globex, ann, customer):
    with pytest.raises(RoleTooLow):
        decide(ann, customer, role=MembershipRole.OBSERVER)
    with pytest.raises(UnknownConversation):
        decisions.decide(
            rls.customer(globex.pk, MembershipRole.OWNER), by=customer, contact_id=ann.pk, key="x", decision="accepted", now=NOW
        )  # fmt: skip
    with rls.scope(rls.SYSTEM):
        assert not SuggestionDecision.objects.exists()


def test_a_kind_dismissed_in_more_than_ten_of_twenty_cases_is_off_until_an_owner_switches_it_on(
    campaign, acme, ann, customer
):
    own = {"organization": acme, "kind": "answer", "user_id": customer.pk}
    for number in range(20):
        with rls.scope(rls.SYSTEM):
            SuggestionDecision.objects.create(
                contact=ann, key=f"answer:{number}", decision="dismissed" if number < 11 else "accepted",
                decided_at=NOW - timedelta(days=20 - number), **own,
            )  # fmt: skip
    assert todo(acme) == []
    member, owner = (rls.customer(acme.pk, role) for role in (MembershipRole.MEMBER, MembershipRole.OWNER))
    with pytest.raises(RoleTooLow):
        decisions.switch_on(member, by=customer, kind="answer", now=NOW)
    assert decisions.switch_on(owner, by=customer, kind="answer", now=NOW)
    assert not decisions.switch_on(owner, by=customer, kind="answer", now=NOW)
    assert len(todo(acme)) == 1


def test_an_erasure_deletes_decisions(ann, acme, customer):
    from instantly.erasure import erase_contact

    decide(ann, customer, "dismissed", why="other")
    erase_contact(organization=acme, email=ann.email, now=NOW, actor_name="test")
    with rls.scope(rls.SYSTEM):
        assert not SuggestionDecision.objects.exists()
