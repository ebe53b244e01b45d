"""Random events of a lead in every order, batch size, duplication and concurrency: same result.

Processed by two workers, inline, and with campaigns moved in between.
"""

import random
from typing import Any

import pytest
from django.db import connections
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from instantly.webhooks.store import digest
from tests import factories
from tests.instantly.event_types.truth import Body
from tests.instantly.event_types.world import Plan, World, a_plan

pytestmark = pytest.mark.django_db(transaction=True)

# Few people, instants, steps and senders, so that facts collide: with scattered ones broken rules go unnoticed.
TIMES = [f"2026-07-{day}T{time}Z" for day in (10, 11) for time in ("00:00:00.000", "12:00:00.000", "23:59:59.999")]
# As far apart as a machine may be from the sending, and from the click before.
CLOSE = [f"2026-07-10T12:00:{seconds}.000Z" for seconds in ("00", "02", "10")]
TYPES = [
    *["email_sent", "email_opened", "link_clicked"] * 4, *["reply_received", "auto_reply_received", "email_bounced"] * 2,
    *["lead_unsubscribed", "email_spam_report", "lead_interested", "lead_not_interested", "lead_meeting_booked", "Hot Lead"] * 2,
    "lead_neutral", "lead_completed", "campaign_completed", "campaign_paused", "account_error", "account_suspended",
]  # fmt: skip


def a_delivery(pick: Any, times: list[str]) -> Body:
    """Draw one body. `pick(values)` chooses among values, by dice or by hypothesis."""
    type = pick(TYPES)
    body: Body = {"event_type": type, "timestamp": pick(times), "step": pick([1, 1, 2]), "variant": pick([1, 2])}
    if type.startswith("account"):
        body["lead_email"] = None
        body |= {
            "email_account": pick(["a@sender.example", "b@sender.example"]),
            "error_message": pick([None, "why", "no"]),
        }
        return body
    body["lead_email"] = None if type.startswith("campaign") else pick(["ada@lead.example", "bob@lead.example"])
    if sender := pick([None, "a@sender.example", "B@sender.example"]):
        body["email_account"] = sender
    if pick([True, False]):
        body |= {
            "firstName": pick(["Ada", "Bob", ""]),
            "lastName": pick(["Lee", None]),
            "companyName": pick(["One", "Two"]),
        }
        body |= {"phone": pick(["1", "2", None]), "website": pick([None, "https://one.example"])}
    if type == "email_sent" and pick([True, True, False]):
        body |= {"email_subject": pick(["Hello", "Again"]), "email_text": pick(["Dear", "Hi"])}
        body |= {"email_id": pick([None, "mail-1", "mail-2"])}
    if "reply" in type:
        body |= {"reply_subject": pick(["Re: Hello", "Re: Again"]), "reply_text": pick(["Yes", "No"])}
        body |= {"email_id": pick([None, "mail-1", "mail-2"])}
    return body


def distinct(bodies: list[Body]) -> list[Body]:
    """Drop bodies that the product takes for a copy of another one although they differ."""
    return list({digest(body): body for body in reversed(bodies)}.values())


def some_lives(dice: random.Random, n: int) -> list[Body]:
    times = dice.sample(TIMES, dice.choice([2, 3, 6])) if dice.random() < 0.7 else CLOSE
    return distinct([a_delivery(dice.choice, times) for _ in range(n)])


@st.composite
def lives(draw: Any) -> tuple[list[Body], Plan]:
    times = draw(st.sampled_from([TIMES, CLOSE]))
    bodies = distinct(
        [a_delivery(lambda values: draw(st.sampled_from(values)), times) for _ in range(draw(st.integers(1, 14)))]
    )
    numbers = list(range(len(bodies)))
    order = draw(st.permutations([*numbers, *draw(st.lists(st.sampled_from(numbers), max_size=5))]))
    plan = Plan(
        order=order,
        cuts=draw(st.lists(st.integers(0, len(order)), max_size=4)),
        sizes=draw(st.lists(st.sampled_from([1, 2, 3, 7, 100]), min_size=1, max_size=4)),
        workers=draw(st.sampled_from([1, 1, 2])),
        inline=draw(st.booleans()),
        moves=tuple(draw(st.lists(st.sampled_from([0, 1, 2]), max_size=3))),
    )
    return bodies, plan


@pytest.fixture
def world(shared_connection, acme, globex, house) -> World:
    with connections["owner"].cursor() as cursor:  # thousands of commits, none of which has to survive a power cut
        cursor.execute("SELECT current_database()")
        cursor.execute(f'ALTER DATABASE "{cursor.fetchone()[0]}" SET synchronous_commit = off')
    for alias in connections:
        connections[alias].close()
    return World(factories.campaign(shared_connection, organization=acme), [acme, house, globex])


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(life=lives())
def test_any_history_in_any_order_equals_the_reference(world, life):
    world.live(*life)


@pytest.mark.parametrize("seed", range(3))
def test_many_events_over_two_workers_equal_the_reference(world, seed):
    """Run longer histories than hypothesis draws, so that batches of two workers collide on every row."""
    dice = random.Random(seed)
    bodies = some_lives(dice, 150)
    for workers in (1, 2, 2):
        world.live(bodies, a_plan(dice, len(bodies), workers=workers))


def test_campaign_moves_between_events_do_not_change_the_result(world):
    dice = random.Random(7)
    bodies = some_lives(dice, 80)
    for _ in range(3):
        plan = a_plan(dice, len(bodies), workers=2, moves=tuple(dice.choices([0, 1, 2], k=3)))
        world.live(bodies, plan)


def test_inline_and_worker_end_the_same(world):
    dice = random.Random(3)
    bodies = some_lives(dice, 30)
    for inline in (True, False):
        world.live(bodies, a_plan(dice, len(bodies), inline=inline))
