"""Marking threads as read at Instantly after they were read here, unless marked unread since."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from instantly.actions.read_marks import mark_read_there
from instantly.connections.services import client_for
from instantly.emulator import FakeInstantly
from instantly.emulator.state.clock import SystemClock
from instantly.reconciliation.read_state import update_read_state
from messaging.inbox import services
from messaging.models import Message
from salesbrain import rls
from tests.instantly.actions.reply_cast import answered, conversation

pytestmark = pytest.mark.django_db


@pytest.fixture
def fake() -> FakeInstantly:
    return FakeInstantly(seed=11, clock=SystemClock())


@pytest.fixture
def mail(fake, acme_connection, space):
    mail = answered(fake, acme_connection, space)
    assert mail["is_unread"] == 1 and conversation().is_unread
    return mail


def act(service, user) -> None:
    service(user.scope_in(), by=user, conversation_id=conversation().pk, now=timezone.now())


def told() -> int:
    row = conversation()
    return mark_read_there(row.organization_id, row.pk)


def jobs() -> list[tuple[str, int]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT task_name, priority FROM procrastinate_jobs WHERE task_name LIKE '%mark_read_there'")
        return cursor.fetchall()


def message() -> Message:
    with rls.scope(rls.SYSTEM):
        return Message.objects.get(direction="in")


def test_threads_read_here_are_marked_read_at_instantly(mail, customer):
    act(services.mark_read, customer)
    assert jobs() == [("instantly.tasks.mark_read_there", -10)]
    assert told() == 1
    assert mail["is_unread"] == 0 and message().is_unread is False
    assert told() == 0, "it is known to be read"


def test_reading_again_and_again_queues_one_job(mail, customer):
    for service in (services.mark_read, services.mark_unread, services.mark_read):
        act(service, customer)
    assert len(jobs()) == 1


def test_a_conversation_marked_unread_since_is_left_alone(mail, customer):
    act(services.mark_read, customer)
    act(services.mark_unread, customer)
    assert told() == 0 and mail["is_unread"] == 1


def test_the_read_state_at_instantly_does_not_change_a_persons_unread_mark(mail, customer, acme_connection):
    act(services.mark_read, customer)
    act(services.mark_unread, customer)
    mail["is_unread"] = 0
    with client_for(acme_connection) as client:
        update_read_state(acme_connection, client, now=timezone.now() + timedelta(minutes=5))
    assert message().is_unread is False and conversation().is_unread is True


def test_a_failure_raises_no_alert_and_changes_nothing(mail, fake, customer):
    act(services.mark_read, customer)
    fake.faults.add("status", method="POST", path="/api/v2/emails/threads/*", status=500, times=9)
    assert told() == 0
    assert mail["is_unread"] == 1 and message().is_unread is not False
