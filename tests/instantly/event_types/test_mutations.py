"""Mutation tests of the SQL that merges events: each rule is broken in turn and must be noticed.

A mutation is a piece of a statement's text and its replacement. A surviving mutation means that no random history distinguishes the broken
rule from the right one, so the property test would not either.
"""

import random

import pytest

from messaging import event_writer
from messaging.events import EventType
from tests.instantly.event_types.test_any_life import some_lives, world  # noqa: F401  a fixture
from tests.instantly.event_types.world import World, a_plan

pytestmark = pytest.mark.django_db(transaction=True)

TRIES = 60
MUTATIONS = [
    # earliest and latest
    ("messages", "opened_at = least(k.opened_at, i.opened_at)", "opened_at = greatest(k.opened_at, i.opened_at)"),
    ("messages", "opened_at = least(k.opened_at, i.opened_at)", "opened_at = i.opened_at"),
    ("messages", "min(clicked_at) AS clicked_at", "max(clicked_at) AS clicked_at"),
    ("messages", "min(replied_at) AS replied_at", "max(replied_at) AS replied_at"),
    ("messages", "sent_at = least(k.sent_at, i.sent_at)", "sent_at = coalesce(k.sent_at, i.sent_at)"),
    ("messages", "happened_at = least(k.happened_at, i.happened_at)", "happened_at = k.happened_at"),
    ("messages", "ORDER BY at NULLS LAST, subject", "ORDER BY at DESC NULLS LAST, subject"),
    ("contacts", "bounced_at = least(k.bounced_at, i.bounced_at),\n        unsub", "bounced_at = i.bounced_at,\n        unsub"),
    ("contacts", "min(unsubscribed_at) AS", "max(unsubscribed_at) AS"),
    ("contacts", "OR i.first_seen_at < known.first_seen_at", ""),
    ("contacts", "ORDER BY id, interest_at DESC, interest DESC", "ORDER BY id, interest_at, interest DESC"),
    ("suppressions", "greatest(s.last_at, excluded.last_at)", "excluded.last_at"),
    ("suppressions", "min(at), max(at)", "min(at), min(at)"),
    ("campaigns", "(change.status_at, change.status) > (c.status_at, c.status)", "true"),
    ("accounts", "c.status_at DESC, c.status DESC", "c.status_at, c.status DESC"),
    # ties
    ("messages", "ORDER BY id, text_at, subject, body_text", "ORDER BY id, text_at"),
    ("messages", "ORDER BY at NULLS LAST, subject, body_text, body_html, reply_text LIMIT 1", "ORDER BY at NULLS LAST LIMIT 1"),
    ("contacts", "ORDER BY at DESC NULLS LAST, interest DESC LIMIT 1", "ORDER BY at DESC NULLS LAST LIMIT 1"),
    ("contacts", "ORDER BY id, named_at DESC, first_name DESC", "ORDER BY id, named_at DESC, first_name"),
    ("contacts", "i.named_at >= coalesce(known.named_at", "i.named_at > coalesce(known.named_at"),
    ("contacts", "i.interest_at >= coalesce(known.interest_at", "i.interest_at > coalesce(known.interest_at"),
    ("accounts", "(excluded.status_at, excluded.status, excluded.status_reason) >", "(excluded.status_at, excluded.status, '') >"),
    # counts
    ("events", "ON CONFLICT (id) DO NOTHING", "ON CONFLICT (id) DO UPDATE SET detail = excluded.detail"),
    ("messages", "open_count = k.open_count + i.open_count", "open_count = i.open_count"),
    # machines
    ("messages", "at <= sent_at + interval '10 seconds'", "at < sent_at + interval '10 seconds'"),
    ("messages", "at <= sent_at + interval '10 seconds'", "at <= sent_at + interval '9 seconds'"),
    ("messages", "at - one_before <= interval '2 seconds'", "at - one_before < interval '2 seconds'"),
    ("messages", "one_after - at <= interval '2 seconds'", "false"),
    ("messages", "least(k.sent_at, i.sent_at) AS sent_at,", "k.sent_at,"),
    ("messages", "unnest(k.open_times || i.open_times)", "unnest(i.open_times)"),
    ("messages", "CASE WHEN i.click_times IS NULL THEN k.click_times ELSE", "CASE WHEN i.click_times IS NULL THEN NULL ELSE"),
    ("messages", "machine_open_count = open_count THEN", "true THEN"),
    ("messages", "coalesce(sum(clicks), 0)::int AS click_count", "coalesce(max(clicks), 0)::int AS click_count"),
    ("messages", "SELECT -1, organization_id", "SELECT 1, organization_id"),
    ("messages", "SELECT -1, organization_id", "SELECT 0, organization_id"),
    ("messages", "('unique_opens', opened_at)", "('unique_opens', clicked_at)"),
    ("messages", "WHEN is_auto_reply THEN 'auto_replies' ELSE 'replies'", "ELSE 'replies'"),
    ("messages", "(at AT TIME ZONE 'UTC')::date", "(at AT TIME ZONE 'Europe/Berlin')::date"),
    ("messages", "is_auto_reply = k.is_auto_reply AND i.is_auto_reply", "is_auto_reply = k.is_auto_reply OR i.is_auto_reply"),
    ("messages", "bool_and(coalesce(is_auto_reply, false))", "bool_or(coalesce(is_auto_reply, false))"),
    ("messages", "email_account = least(k.email_account, i.email_account)", "email_account = coalesce(k.email_account, i.email_account)"),
    ("stats", "opens = s.opens + excluded.opens", "opens = excluded.opens"),
    ("stats", "bounces = s.bounces + excluded.bounces", "bounces = s.bounces - excluded.bounces"),
    ("stats", "coalesce(unsubscribes, 0)", "least(unsubscribes, 1)"),
]  # fmt: skip


def survives(world: World) -> bool:  # noqa: F811
    """Return whether the mutation is undetected after TRIES random histories, with many or few events per contact."""
    dice = random.Random(20260710)
    for _ in range(TRIES):
        bodies = some_lives(dice, dice.choice([8, 30, 90]))
        try:
            world.live(bodies, a_plan(dice, len(bodies)))
        except AssertionError:
            return False
    return True


def test_unbroken_rules_pass_the_lives_the_broken_ones_must_fail(world):  # noqa: F811
    assert survives(world)


@pytest.mark.parametrize("statement", sorted({statement for statement, _, _ in MUTATIONS}))
def test_every_broken_rule_is_noticed(world, monkeypatch, statement):  # noqa: F811
    unnoticed = []
    for mutated, rule, broken in MUTATIONS:
        if mutated != statement:
            continue
        text = event_writer.SQL[statement]
        assert rule in text, f"{statement}.sql says this otherwise by now; mutate what it says: {rule}"
        with monkeypatch.context() as patch:
            patch.setitem(event_writer.SQL, statement, text.replace(rule, broken))
            if survives(world):
                unnoticed.append(f"{rule}  ->  {broken}")
    assert unnoticed == []


def test_an_uncounted_event_type_is_noticed(world, monkeypatch):  # noqa: F811
    monkeypatch.delitem(event_writer.COUNTED_AS, EventType.LEAD_MEETING_BOOKED)
    assert not survives(world)


def test_changes_of_events_the_log_has_already_are_noticed(world, monkeypatch):  # noqa: F811
    """Mutation in Python: apply all changes of a batch instead of only those of events new to the log."""
    real = event_writer._write

    def write(statement, rows):
        written = real(statement, rows)
        return [(row["id"],) for row in rows] if statement == "events" else written

    monkeypatch.setattr(event_writer, "_write", write)
    assert not survives(world)
