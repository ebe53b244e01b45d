"""Events reported by both webhook and inbox in any order: the same rows and stats.

The events of one lead are simulated once; their deliveries are kept, and the emulated inbox has the mails. Each plan then delivers in
another order, with copies, in batches of any size, over two workers or inline, and reads the inbox at any moment in between.
"""

import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from django.db import connections
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from instantly.connections import webhook_subscription
from instantly.connections.services import client_for
from instantly.emulator import FakeInstantly
from instantly.emulator import in_process_transport as handing_to
from instantly.processing import inline
from instantly.reconciliation import emails
from instantly.webhooks.store import store_raw
from messaging.models.rollup import ROLLUP_COUNTERS
from messaging.stats_rebuild import differences
from salesbrain import rls
from tests.instantly.event_types import world
from tests.recount import RECOUNT

pytestmark = pytest.mark.django_db(transaction=True)

SECONDS = 40
LOOKS = 3
COMPARED = ("contacts", "messages", "suppressions", "figures")
EVENTS = f"""SELECT type, {world.at("happened_at")}, lead_email, step, variant, email_account, detail FROM messaging_event
    WHERE copy_of IS NULL AND position IS NOT NULL"""


@dataclass
class Life:
    """Deliveries in the emulator's order, and the moments at which the inbox may be read."""

    connection: Any
    bodies: list[dict[str, Any]]
    began: datetime
    ended: datetime

    def moment(self, share: float) -> datetime:
        return self.began + (self.ended - self.began) * share


def now_of(fake: FakeInstantly) -> datetime:
    return datetime.fromtimestamp(fake.clock.now_ms() / 1000, UTC)


@pytest.fixture
def delivered() -> list[bytes]:
    return []


@pytest.fixture
def fake(delivered) -> FakeInstantly:
    return FakeInstantly(seed=5, transport=handing_to(lambda url, body, headers: delivered.append(body) or 200))


@pytest.fixture
def life(fake, delivered, acme_connection, workspace, sync) -> Life:
    workspace(acme_connection)
    sync(acme_connection)
    with client_for(acme_connection) as client:
        webhook_subscription.register(acme_connection, client)
    fake.set_rate(4)
    began = now_of(fake)
    fake.advance(SECONDS)
    with connections["owner"].cursor() as cursor:  # thousands of commits, none of which has to survive a power cut
        cursor.execute("SELECT current_database()")
        cursor.execute(f'ALTER DATABASE "{cursor.fetchone()[0]}" SET synchronous_commit = off')
    for alias in connections:
        connections[alias].close()
    bodies = [orjson.loads(body) for body in delivered]
    dice = random.Random(5)
    for body in bodies:  # as it is in the wild: most deliveries about a sent mail do not name it
        if body["event_type"] == "email_sent" and dice.random() < 0.5:
            body.pop("email_id", None)
    told = {body["event_type"] for body in bodies}
    assert len(bodies) > 30 and {"email_sent", "reply_received", "email_opened", "auto_reply_received"} <= told
    return Life(acme_connection, bodies, began, now_of(fake) + timedelta(seconds=1))


def empty() -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT set_config('app.user_role', 'sb_admin', false)")
        for table in world.TABLES.split():
            cursor.execute(f"DELETE FROM {table}")
        cursor.execute("UPDATE campaigns_campaign SET status_at = NULL")


def look(life: Life, until: datetime) -> None:
    with client_for(life.connection) as client:
        emails.reconcile_emails(life.connection, client, since=life.began, now=until, settle=timedelta(0))


def feed(life: Life, bodies: list[dict[str, Any]], plan: world.Plan) -> None:
    at_once = 1 if plan.inline else len(bodies) or 1
    for start in range(0, len(bodies), at_once):
        with rls.scope(rls.SYSTEM):
            for body in bodies[start : start + at_once]:
                store_raw(life.connection.pk, orjson.dumps(body))
        if plan.inline:
            inline.process_inline()
    world.World._work(None, plan)  # type: ignore[arg-type]  # it uses nothing of itself  # it asks the plan only


def rows() -> dict[str, list[str]]:
    read = {"phones": "phone, website, ", "organization": "(SELECT id FROM accounts_organization WHERE slug = 'acme')"}
    told = {table: world.READ[table].format(**read) for table in COMPARED} | {"events": EVENTS}
    return {table: sorted(map(repr, world._rows(query))) for table, query in told.items()}


def live(life: Life, plan: world.Plan, looks: list[float]) -> dict[str, list[str]]:
    """Empty the database, follow the plan, reading the inbox after each part; return the rows."""
    empty()
    start = 0
    for end, share in zip(sorted(plan.cuts), looks, strict=True):
        feed(life, [life.bodies[n] for n in plan.order[start:end]], plan)
        look(life, life.moment(share))
        start = end
    feed(life, [life.bodies[n] for n in plan.order[start:]], plan)
    look(life, life.ended)
    world.World._work(None, plan)  # type: ignore[arg-type]  # it uses nothing of itself
    assert differences() == []
    stored = f"""SELECT organization_id, campaign_id, email_account, day, step, variant, {", ".join(ROLLUP_COUNTERS)}
        FROM messaging_dailystats WHERE ({", ".join(ROLLUP_COUNTERS)}) <> ({", ".join("0" for _ in ROLLUP_COUNTERS)})"""
    assert sorted(map(repr, world._rows(stored))) == sorted(map(repr, world._rows(RECOUNT)))
    return rows()


@st.composite
def plans(draw: Any, n: int) -> tuple[world.Plan, list[float]]:
    order = [*range(n), *draw(st.lists(st.integers(0, n - 1), max_size=20))]
    random.Random(draw(st.integers(0, 2**32))).shuffle(order)
    looks = draw(st.lists(st.sampled_from([0.2, 0.5, 0.8, 1.0]), max_size=LOOKS))
    cuts = draw(st.lists(st.integers(0, len(order)), min_size=len(looks), max_size=len(looks)))
    plan = world.Plan(
        order=order,
        cuts=cuts,
        sizes=draw(st.lists(st.sampled_from([1, 3, 7, 100]), min_size=1, max_size=3)),
        workers=draw(st.sampled_from([1, 2])),
        inline=draw(st.sampled_from([False, False, True])),
    )
    return plan, looks


def test_webhook_and_inbox_in_any_interleaving_are_the_same_rows(life):
    straight = world.Plan(order=list(range(len(life.bodies))), cuts=[], sizes=[100])
    expected = live(life, straight, [])
    assert all(expected[table] for table in ("contacts", "messages", "figures", "events"))

    @settings(
        max_examples=6,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )
    @given(drawn=plans(len(life.bodies)))
    def holds(drawn: tuple[world.Plan, list[float]]) -> None:
        found = live(life, *drawn)
        for table, rows in expected.items():
            assert found[table] == rows, table

    holds()


def test_the_inbox_alone_gives_the_same_mails(life):
    """Without any webhook delivery each mail is stored once from the inbox, with its text and its day."""
    straight = world.Plan(order=list(range(len(life.bodies))), cuts=[], sizes=[100])
    live(life, straight, [])
    mails = "SELECT direction, is_auto_reply, c.email, step, variant, m.email_id, sent_at, subject, body_text FROM messaging_message m"
    mails += " JOIN messaging_contact c ON c.id = m.contact_id WHERE sent_at IS NOT NULL ORDER BY 3, 1, 4, 7"
    with_webhook = world._rows(mails)
    live(life, world.Plan(order=[], cuts=[], sizes=[100]), [])
    assert world._rows(mails) == with_webhook


@pytest.mark.parametrize("size", [1, 1000])
@pytest.mark.parametrize("inbox_first", [True, False])
def test_a_reply_without_a_mail_id_is_recorded_once_in_either_order(life, inbox_first, size):
    """Deliveries before 2025-07 had no mail id, and the inbox reports another time than they do."""
    replies = [body for body in life.bodies if body["event_type"] in ("reply_received", "auto_reply_received")]
    for body in replies:
        body.pop("email_id", None)
        told = datetime.fromisoformat(body["timestamp"])
        body["timestamp"] = (told + timedelta(seconds=3)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    straight = world.Plan(order=list(range(len(life.bodies))), cuts=[0] if inbox_first else [], sizes=[size])
    live(life, straight, [1.0] if inbox_first else [])
    received = "SELECT count(*)::int, count(DISTINCT email_id)::int FROM messaging_message WHERE direction = 'in'"
    assert world._rows(received) == [(len(replies), len(replies))]
    counted = "SELECT sum(replies + auto_replies)::int FROM messaging_dailystats"
    assert world._rows(counted) == [(len(replies),)]
