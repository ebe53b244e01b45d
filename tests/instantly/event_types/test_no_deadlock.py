"""Several workers writing events of the same few people, without deadlock."""

import random
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any
from uuid import UUID

import orjson
import psycopg
import pytest
from django.db import connection, connections, transaction

from instantly.processing.batch import process_pending
from instantly.webhooks.store import store_raw
from messaging import identity
from messaging.models import Contact, Message
from salesbrain import rls
from tests import factories
from tests.instantly.event_types.test_any_life import some_lives, world  # noqa: F401  a fixture
from tests.instantly.event_types.world import World, a_plan
from tests.waiting import until_somebody_waits_for_a_lock

pytestmark = pytest.mark.django_db(transaction=True)

ADA = "ada@lead.example"
DEADLOCKS = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"


def deadlocks() -> int:
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(DEADLOCKS)
        return cursor.fetchone()[0]


def test_four_workers_on_hot_rows_never_wait_in_a_circle(world: World):  # noqa: F811
    dice = random.Random(11)
    before = deadlocks()
    for _ in range(12):
        bodies = some_lives(dice, 200)
        world.live(bodies, a_plan(dice, len(bodies), workers=4, cuts=[], sizes=[20, 7, 50, 3], indexing=True))
        world.index()
    assert deadlocks() == before


# --- the two circles there were, step by step ---------------------------------------------------------------------------


@pytest.fixture
def campaign(acme_connection):
    return factories.campaign(acme_connection)


@pytest.fixture
def deliver(campaign) -> Callable[..., int]:
    """Return `deliver(step, minute, **fields)`: store a delivery of a mail sent to Ada; return its id."""

    def one(step: int, minute: int, **fields: Any) -> int:
        body = {"event_type": "email_sent", "timestamp": f"2026-07-10T10:{minute:02}:00.000Z", "lead_email": ADA}
        body |= {"campaign_id": campaign.provider_id, "step": step, "variant": 1} | fields
        id = store_raw(campaign.connection_id, orjson.dumps(body))
        assert id
        return id

    return one


@pytest.fixture
def worker() -> Iterator[Callable[[list[int]], Future[int]]]:
    """Return `worker(ids)`: it starts another worker on these deliveries, which raises a deadlock instead of retrying."""

    def work(ids: list[int]) -> int:
        try:
            return process_pending(100, ids, again=True)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        yield lambda ids: pool.submit(work, ids)


@pytest.fixture
def mail(campaign) -> Callable[[int], UUID]:
    return lambda step: identity.outbound_id(campaign.pk, ADA, step, 1)


@pytest.fixture
def steps(mail) -> list[int]:
    """Return three steps of the campaign whose mails to Ada have ids in this lock order."""
    return sorted((1, 2, 3), key=mail)


@pytest.fixture
def holding() -> Iterator[Callable[..., psycopg.Connection[Any]]]:
    """Return `holding(sql, *parameters)`: another transaction runs this and commits on `.commit()`."""
    parameters = connections["owner"].get_connection_params()
    ours = {name: parameters[name] for name in ("host", "port", "user", "password", "dbname") if name in parameters}
    opened = []

    def run(sql: str, *values: Any) -> psycopg.Connection[Any]:
        opened.append(other := psycopg.connect(**ours))
        other.execute("SELECT set_config('app.user_role', 'sb_admin', false)")
        other.execute(sql, values)
        return other

    yield run
    for other in opened:
        other.close()


def test_a_renamed_contact_and_new_texts_of_its_mails_do_not_deadlock(deliver, worker, steps, holding, mail):
    """One batch locks a mail and then its search mark; the other one, which renames the contact, must not lock them in reverse order."""
    first, second, _ = steps
    for step in (first, second):
        deliver(step, 30, email_subject="Late", firstName="Ada")
    deliver(
        first, 1, event_type="email_opened"
    )  # first seen and named: what follows does not lock her row but to rename her
    process_pending()
    held = holding("SELECT FROM messaging_message WHERE id = %s FOR UPDATE", mail(second))
    one = worker(
        [deliver(step, 10, email_subject="Early") for step in (first, second)]
    )  # has the first, wants the second
    until_somebody_waits_for_a_lock()
    other = worker([deliver(first, 40, firstName="Adelheid")])  # has renamed Ada, wants the first mail
    until_somebody_waits_for_a_lock(2)
    held.commit()
    assert (one.result(30), other.result(30)) == (2, 1)
    with rls.scope(rls.SYSTEM):
        assert Contact.objects.get().first_name == "Adelheid"
        assert set(Message.objects.values_list("subject", flat=True)) == {"Early"}


def test_a_mail_that_was_inserted_in_between_is_not_waited_for_with_locks_in_hand(
    deliver, worker, steps, holding, mail
):
    """A batch that missed the first mail and locked the second must release it before it waits for the first."""
    first, second, third = steps
    for step in (second, third):
        deliver(step, 30, firstName="Ada")
        deliver(step, 1, event_type="email_opened")
    process_pending()
    inserting = holding(
        """INSERT INTO messaging_message (id, organization_id, campaign_id, contact_id, direction, step, variant, happened_at, sent_at)
        SELECT %s, organization_id, campaign_id, contact_id, direction, %s, variant, happened_at, sent_at FROM messaging_message
        WHERE step = %s""",
        mail(first), first, second,
    )  # fmt: skip
    one = worker([deliver(step, 20, email_subject="Told") for step in steps])
    until_somebody_waits_for_a_lock()
    held = holding("SELECT FROM messaging_message WHERE id = %s FOR NO KEY UPDATE", mail(third))
    inserting.commit()  # it looked before that, and so misses the first; it has the second and waits for the third
    until_somebody_waits_for_a_lock(behind=held)
    other = worker([deliver(step, 50, event_type="email_opened") for step in (first, second)])
    until_somebody_waits_for_a_lock(2)
    held.commit()
    assert (one.result(30), other.result(30)) == (3, 2)
    with rls.scope(rls.SYSTEM), transaction.atomic():
        assert sorted(Message.objects.values_list("open_count", flat=True)) == [1, 1, 2]
        assert set(Message.objects.values_list("subject", flat=True)) == {"Told"}, "the missed one too"


def test_a_concurrently_inserted_contact_gets_all_changes(deliver, worker, holding, campaign):
    """A batch that did not find the contact and could not insert it must still apply its changes."""
    key = identity.contact_id(campaign.organization_id, ADA)
    inserting = holding(
        """INSERT INTO messaging_contact (id, organization_id, email, first_seen_at, first_name, last_name, company, phone, website,
            named_at)
        VALUES (%s, %s, %s, '2026-07-10T10:20Z', 'Adelheid', '', 'Lead Inc', '', '', '2026-07-10T10:20Z')""",
        key, campaign.organization_id, ADA,
    )  # fmt: skip
    one = worker([deliver(1, 10, firstName="Ada"), deliver(1, 30, event_type="lead_interested", firstName="Ada L.")])
    until_somebody_waits_for_a_lock(behind=inserting)
    inserting.commit()  # the batch looked before that: she is neither known nor inserted
    assert one.result(30) == 2
    with rls.scope(rls.SYSTEM):
        ada = Contact.objects.get()
    assert (ada.pk, ada.first_name, ada.company) == (key, "Ada L.", ""), "the latest name"
    assert (ada.first_seen_at.minute, ada.named_at.minute) == (10, 30), "and the earliest date"
    assert (ada.interest, ada.interest_at.minute) == ("lead_interested", 30)
