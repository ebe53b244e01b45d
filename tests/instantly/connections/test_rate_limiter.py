"""Rate limit of our requests to a workspace, shared by all processes through PostgreSQL."""

import threading
import time

import pytest
from django.db import connection as database
from django.db import connections

from instantly.client.errors import BudgetExhausted
from instantly.connections.rate_limiter import SharedRateBudget, budget_of
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


def budget(key="w", waits=None, per_second=5, per_minute=2):
    sleep = time.sleep if waits is None else waits.append
    return SharedRateBudget(key, general_per_second=per_second, emails_per_minute=per_minute, sleep=sleep)


def turns(key):
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "SELECT extract(epoch FROM turn) FROM instantly_ratewindow, unnest(turns) turn WHERE key = %s", [key]
        )
        return sorted(float(turn) for (turn,) in cursor.fetchall())


def test_turns_are_free_until_the_limit_and_then_wait():
    waits: list[float] = []
    mine = budget(waits=waits)
    for _ in range(5):
        mine.acquire("general", timeout=1)
    assert waits == []
    mine.acquire("general", timeout=5)
    assert 0 < waits[0] <= 1


def test_two_processes_share_a_rate_limit_and_two_workspaces_do_not():
    waits: list[float] = []
    first, second = budget(waits=waits), budget(waits=waits)
    for _ in range(2):
        first.acquire("emails", timeout=100)
    second.acquire("emails", timeout=100)
    assert len(waits) == 1 and 50 < waits[0] <= 61
    budget("another workspace", waits=waits).acquire("emails", timeout=100)
    assert len(waits) == 1


def test_no_window_ever_holds_more_than_the_limit():
    def ask():
        try:
            mine = budget(waits=[], per_second=7)
            for _ in range(20):
                mine.acquire("general", timeout=600)
        finally:
            database.close()

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    kept = turns("w/general")
    assert len(kept) == 7, "older ones are forgotten"
    assert kept[-1] - time.time() > 5, "60 turns at 7 a second reach far into the future"


def test_too_short_a_patience_is_refused_at_once_and_takes_no_turn():
    mine = budget(waits=[])
    for _ in range(2):
        mine.acquire("emails", timeout=1)
    with pytest.raises(BudgetExhausted) as refusal:
        mine.acquire("emails", timeout=1)
    assert refusal.value.retry_after and 50 < refusal.value.retry_after <= 61 and refusal.value.retryable
    assert len(turns("w/emails")) == 2


def test_staff_see_usage_and_remaining_requests():
    mine = budget(waits=[])
    for _ in range(3):
        mine.acquire("general", timeout=1)
    assert (mine.usage("general").used, mine.usage("general").left) == (3, 2)
    assert budget("unused").usage("general").used == 0


def test_connections_to_one_workspace_share_its_rate_limit(settings):
    settings.INSTANTLY_REQUESTS_PER_SECOND, settings.INSTANTLY_EMAIL_LISTS_PER_MINUTE = 0.5, 20
    one = factories.connection("one", None)
    budget_of(one).acquire("general", timeout=1)
    assert turns(f"{one.workspace_id}/general")
    assert budget_of(one).usage("general").seconds == 2
