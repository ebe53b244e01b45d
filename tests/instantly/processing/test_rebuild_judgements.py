"""Command rebuild_judgements: current rules applied to earlier events, and reverted without a rule."""

import io

import pytest
from django.core.management import call_command

from accounts.models import ProviderConnection
from instantly.processing import parsing
from instantly.reconciliation import labels
from messaging import judgements
from messaging.models import Contact, DailyStats, Event, Message
from salesbrain import rls

pytestmark = pytest.mark.django_db(transaction=True)


def all_of(model):
    with rls.scope(rls.SYSTEM):
        return list(model.objects.order_by("pk"))


def rebuilt(*options: str) -> str:
    out = io.StringIO()
    call_command("rebuild_judgements", *options, stdout=out)
    return out.getvalue()


def replies() -> list[int]:
    return [
        sum(getattr(row, name) for row in all_of(DailyStats)) for name in ("replies", "unique_replies", "auto_replies")
    ]


def test_replies_of_programs_and_unknown_types_are_judged_again(post, work, dedicated, payload, monkeypatch):
    _, _, secret = dedicated
    with monkeypatch.context() as before:
        before.setattr(parsing, "automatic_reply_rule", lambda subject, text: None)
        before.setattr(parsing, "is_lead_label", lambda name, is_listed: True)
        post(secret, payload("email_sent"))
        away = payload(
            "reply_received",
            reply_subject="Automatic reply: Hi",
            reply_text="Away.",
            timestamp="2026-07-10T10:00:00.000Z",
        )
        post(secret, away)
        post(secret, payload("reply_received", reply_text="Yes, gladly.", timestamp="2026-07-12T10:00:00.000Z"))
        post(secret, payload("lead_interested", timestamp="2026-07-12T11:00:00.000Z"))
        post(secret, payload("email_delivered", timestamp="2026-07-13T09:00:00.000Z"))
        work()
    assert replies() == [2, 1, 0] and all_of(Contact)[0].interest == "email_delivered"

    assert rebuilt("--dry-run").startswith("1 replies and 1 undocumented events would be") and replies() == [2, 1, 0]
    assert rebuilt().startswith("1 replies and 1 undocumented events were judged otherwise.")
    assert replies() == [1, 1, 1]
    (contact,) = all_of(Contact)
    sent = next(message for message in all_of(Message) if message.direction == "out")
    assert (contact.interest, contact.replied_at.day, sent.replied_at.day) == ("lead_interested", 12, 12)
    call_command("rebuild_stats", "--check")
    assert rebuilt().startswith("0 replies and 0 undocumented")

    monkeypatch.setattr(judgements, "automatic_reply_rule", lambda subject, text: None)
    assert rebuilt().startswith("1 replies") and replies() == [2, 1, 0]
    assert all_of(Contact)[0].replied_at.day == 10


def test_a_new_label_applies_to_earlier_events(post, work, dedicated, payload):
    connection, _, secret = dedicated
    post(secret, payload("lead_interested"))
    post(secret, payload("follow_up", timestamp="2026-07-11T09:00:00.000Z"))
    work()
    assert all_of(Contact)[0].interest == "lead_interested"
    assert labels.store_labels(connection, ["follow_up", None]) and not labels.store_labels(connection, ["follow_up"])
    assert labels.judge_again(connection.pk) == 1
    assert (all_of(Contact)[0].interest, all_of(Event)[1].interest) == ("follow_up", "follow_up")
    with rls.scope(rls.SYSTEM):
        assert ProviderConnection.objects.get(pk=connection.pk).lead_labels == ["follow_up"]


def test_labels_are_read_with_the_leads(space, acme_connection):
    from instantly.reconciliation.service import reconcile_connection

    label = next(iter(space.lead_labels))["label"] if list(space.lead_labels) else None
    reconcile_connection(acme_connection, full=True)
    with rls.scope(rls.SYSTEM):
        kept = ProviderConnection.objects.get(pk=acme_connection.pk).lead_labels
    assert kept is not None and (label is None or label in kept)
