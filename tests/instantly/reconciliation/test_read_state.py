# ruff: noqa: F811  a fixture is redefined by whoever asks for it
"""Read state of received mails, copied from Instantly's inbox; unknown without it."""

import pytest

from instantly.client.errors import InstantlyError
from instantly.connections.services import client_for
from instantly.reconciliation import read_state
from messaging.models import Message
from salesbrain import rls
from tests import factories
from tests.instantly.reconciliation.test_service import fake, living, now_of, process_and_count, receiver, reconcile  # noqa: F401

pytestmark = pytest.mark.django_db


def read_states() -> dict[str, bool | None]:
    """Return whether our received messages are read, by mail id."""
    with rls.scope(rls.SYSTEM):
        rows = Message.objects.filter(direction="in", email_id__isnull=False)
        return dict(rows.values_list("email_id", "is_unread"))


@pytest.fixture
def received(fake, living, acme_connection):
    """Let leads answer and process their webhooks; return the received mails in the emulated workspace's inbox."""
    fake.advance(240)
    process_and_count()
    fake.set_rate(0)
    fake.advance(600)  # so that none of them is too new to be said of
    assert len(read_states()) > 5 and set(read_states().values()) == {None}, "nothing was asked yet"
    return [mail for mail in living.emails if mail["ue_type"] == 2]


def test_a_run_copies_the_read_state_of_each_mail(received, fake, acme_connection):
    for mail in received[::2]:
        mail["is_unread"] = 0
    report = reconcile(acme_connection, fake)
    assert report.read_state == len(read_states())
    assert read_states() == {mail["id"]: bool(mail["is_unread"]) for mail in received if mail["id"] in read_states()}
    assert {True, False} == set(read_states().values())


def test_changed_read_states_are_written_and_no_others(received, fake, acme_connection):
    reconcile(acme_connection, fake)
    assert reconcile(acme_connection, fake).read_state == 0
    first, second = [mail for mail in received if mail["id"] in read_states()][:2]
    first["is_unread"] = 0
    assert reconcile(acme_connection, fake).read_state == 1 and read_states()[first["id"]] is False
    first["is_unread"], second["is_unread"] = 1, 0
    assert reconcile(acme_connection, fake).read_state == 2
    assert (read_states()[first["id"]], read_states()[second["id"]]) == (True, False)


def test_a_truncated_list_marks_no_mail_as_read(received, fake, living, acme_connection, monkeypatch):
    monkeypatch.setattr(read_state, "PAGES", 1)
    monkeypatch.setattr("instantly.client.calls.PAGE_SIZES", (2, 1))
    known = [mail for mail in received if mail["id"] in read_states()]
    for mail in living.emails:
        mail["is_unread"] = int(mail in known[:3])
    with client_for(acme_connection) as client:
        assert read_state.update_read_state(acme_connection, client, now=now_of(fake)) == 2
    assert list(read_states().values()).count(True) == 2 and False not in read_states().values()


def test_a_mail_received_during_the_listing_is_not_marked_as_read(received, fake, living, acme_connection):
    fake.set_rate(40)
    fake.advance(60)
    process_and_count()
    newest = max((mail for mail in living.emails if mail["ue_type"] == 2), key=lambda mail: mail["timestamp_created"])
    for mail in living.emails:
        mail["is_unread"] = 0
    with client_for(acme_connection) as client:
        read_state.update_read_state(acme_connection, client, now=now_of(fake))
    assert read_states()[newest["id"]] is None and read_states()[received[0]["id"]] is False


def test_another_workspaces_mail_of_the_same_id_is_left_alone(received, fake, acme_connection, globex_connection):
    theirs = factories.message(
        factories.campaign(globex_connection), direction="in", email_id=received[0]["id"], sent_at=factories.NOON
    )
    reconcile(acme_connection, fake)
    with rls.scope(rls.SYSTEM):
        assert Message.objects.get(pk=theirs.pk).is_unread is None


def test_a_key_that_may_not_read_the_inbox_fails_no_run(received, fake, acme_connection, monkeypatch):
    def refuse(*args, **kwargs):
        raise InstantlyError("the key lacks emails:read")

    monkeypatch.setattr(read_state, "update_read_state", refuse)
    report = reconcile(acme_connection, fake)
    assert report.status == "succeeded" and "lacks emails:read" in report.problems[-1]
    assert set(read_states().values()) == {None}
