"""kill -9 during a promotion and its undo: continued, nothing lost or done twice."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone

from instantly.actions.promotion import work as promotion_work
from instantly.actions.promotion.requests import request_undo
from instantly.models import Promotion
from salesbrain import rls
from salesbrain.kernel.env import BASE_DIR
from tests.instantly.promotion.conftest import Cast
from tests.instantly.promotion.test_promotion import AFTER, BEFORE, rows_of
from tests.instantly.sync.test_killed import hanging_at, locked, url, wait_for

pytestmark = [
    pytest.mark.django_db(transaction=True, databases=["default", "owner"]),
    pytest.mark.usefixtures("empty_queue"),
]


class Killed(BaseException):
    """Stands for a process that ends at once: no handler of the product may catch it."""


@contextmanager
def killed_at(monkeypatch: Any, place: int) -> Iterator[list[int]]:
    """End the run at the `place`-th entry of the journal: odd ones before it is written, even ones after it."""
    noted: list[int] = []
    note = promotion_work.Work.note

    def watched(self: Any, part: str, key: str, **facts: Any) -> None:
        noted.append(1)
        if len(noted) * 2 - 1 == place:
            raise Killed
        note(self, part, key, **facts)
        if len(noted) * 2 == place:
            raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(promotion_work.Work, "note", watched)
        yield noted


def entries(cast: Cast, promotion: Promotion, monkeypatch: Any) -> int:
    """Run to the end; return how many entries the journal got."""
    with killed_at(monkeypatch, -1) as noted:
        cast.run(promotion)
    return len(noted)


PLACES = range(1, 19)
"""Two of each of the nine entries of the cast's promotion; the last test sees that it has no more."""


@pytest.mark.parametrize("place", PLACES, ids=[f"place {n}" for n in PLACES])
def test_a_promotion_killed_at_any_entry_of_its_journal_is_continued(cast: Cast, monkeypatch: Any, place: int) -> None:
    others = rows_of(cast.globex)
    promotion = cast.begin()
    with killed_at(monkeypatch, place), pytest.raises(Killed):
        cast.run(promotion)
    promotion = cast.run(promotion)
    assert (promotion.state, promotion.left) == ("done", [])
    assert cast.accounts() == AFTER and cast.statuses("acme") == {"Acme spring": 0}
    assert cast.statuses() == {"Acme spring": 2, "Acme autumn": 2, "Globex secret": 1}
    assert rows_of(cast.globex) == others


UNDO_PLACES = range(1, 9)


@pytest.mark.parametrize("place", UNDO_PLACES, ids=[f"place {n}" for n in UNDO_PLACES])
def test_an_undo_killed_at_any_entry_of_its_journal_is_continued(cast: Cast, monkeypatch: Any, place: int) -> None:
    others = rows_of(cast.globex)
    promotion = cast.run(cast.begin())
    with rls.scope(rls.SYSTEM):
        request_undo(promotion, actor=cast.boss, actor_name="boss", now=timezone.now())
    with killed_at(monkeypatch, place), pytest.raises(Killed):
        cast.run(promotion)
    promotion = cast.run(promotion)
    assert (promotion.state, promotion.left) == ("undone", [])
    assert cast.accounts() == BEFORE and cast.statuses("acme") == {} and cast.statuses()["Acme spring"] == 1
    assert rows_of(cast.globex) == others


def test_the_places_above_are_all_there_are(cast: Cast, monkeypatch: Any) -> None:
    promotion = cast.begin()
    assert entries(cast, promotion, monkeypatch) * 2 == max(PLACES)
    with rls.scope(rls.SYSTEM):
        promotion.refresh_from_db()
        request_undo(promotion, actor=cast.boss, actor_name="boss", now=timezone.now())
    assert entries(cast, promotion, monkeypatch) * 2 == max(UNDO_PLACES)


def test_a_promotion_killed_in_a_call_or_a_statement_is_continued_by_the_command(cast: Cast) -> None:
    """A real SIGKILL, in the order of the calls: each run goes on where the last one was killed."""
    points = {
        "pausing": lambda: hanging_at(cast.fake, "/pause", 0),
        "moving the first account": lambda: hanging_at(cast.fake, "/accounts/move", 0),
        "writing the first account": lambda: locked("accounts_emailaccount"),
        "exporting": lambda: hanging_at(cast.fake, "/export", 0),
        "setting the copy's senders": lambda: locked("campaigns_campaign"),
    }
    others = rows_of(cast.globex)
    cast.begin()
    for point in points.values():
        with point() as there:
            process = started("acme", "--continue")
            try:
                wait_for(there, process)
            finally:
                process.send_signal(signal.SIGKILL)
                process.wait()
                assert process.stdout is not None
                process.stdout.close()
    process = started("acme", "--continue")
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 0, said.decode()
    assert cast.accounts() == AFTER and cast.statuses("acme") == {"Acme spring": 0} and rows_of(cast.globex) == others


def started(*arguments: str) -> "subprocess.Popen[bytes]":
    """Run the command in a process of its own, against this test's database and emulator."""
    environment = os.environ | {
        "DATABASE_URL": url("default"),
        "DATABASE_OWNER_URL": url("owner"),
        "SECRET_KEY": settings.SECRET_KEY,
        "SALESBRAIN_ENCRYPTION_KEYS": ",".join(settings.SALESBRAIN_ENCRYPTION_KEYS),
        "ALLOWED_HOSTS": "localhost",
        "INSTANTLY_BASE_URL": settings.INSTANTLY_BASE_URL,
        "INSTANTLY_REQUESTS_PER_SECOND": "1000",
    }
    command = [sys.executable, str(BASE_DIR / "manage.py"), "promote_workspace", *arguments]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
