"""Building conversations for an installation with earlier mails: in batches, with progress."""

from datetime import UTC, datetime
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from instantly.tasks import build_conversations
from messaging.inbox import build
from messaging.inbox.recount import differences
from messaging.models import Conversation, ConversationBuild
from salesbrain import rls

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 7, 10, 15, tzinfo=UTC)
LIST = "/api/instantly/conversations"


@pytest.fixture
def upgraded(deliver, acme):
    """Create mails of seven people who replied, and of one who did not, without conversations."""
    for number in range(7):
        deliver("reply_received", "10:00", lead_email=f"lead{number}@lead.example")
    deliver("email_sent", "10:00", lead_email="silent@lead.example")
    with rls.scope(rls.SYSTEM):
        Conversation.objects.all().delete()
        ConversationBuild.objects.create(organization=acme)


def count() -> int:
    with rls.scope(rls.SYSTEM):
        return Conversation.objects.count()


def test_batches_are_transactions_of_their_own_and_go_on_where_one_broke_off(upgraded, acme):
    steps = build.build(acme.pk, now=NOW, batch=3)
    first = next(steps)
    steps.close()
    assert (first.built, first.total, first.percent, count()) == (3, 7, 42, 3)
    assert [step.built for step in build.build(acme.pk, now=NOW, batch=3)] == [6, 7]
    assert (count(), build.unfinished(), list(differences())) == (7, [], [])
    assert list(build.build(acme.pk, now=NOW)) == []


def test_a_reply_received_during_the_build_is_included_once(upgraded, acme, deliver):
    steps = build.build(acme.pk, now=NOW, batch=3)
    next(steps)
    for number in range(7):
        deliver("reply_received", "11:00", lead_email=f"lead{number}@lead.example")
    list(steps)
    assert (count(), list(differences())) == (7, [])


def test_the_command_prints_its_progress(upgraded):
    out = StringIO()
    with pytest.raises(CommandError, match=r"Not all are built yet \(acme\)"):
        call_command("rebuild_conversations", check=True)
    call_command("build_conversations", batch=5, stdout=out)
    assert out.getvalue().splitlines() == [
        "Acme: 5 of 7 conversations (71 %)",
        "Acme: 7 of 7 conversations (100 %)",
        "All conversations are built.",
    ]
    out = StringIO()
    call_command("build_conversations", stdout=out)
    call_command("rebuild_conversations", check=True, stdout=out)
    assert out.getvalue().splitlines() == [
        "There was nothing to build.",
        "The conversations are what mails, log and categories come to.",
    ]


def test_the_job_builds_the_same_as_the_command(upgraded):
    build_conversations(timestamp=0)
    assert (count(), build.unfinished()) == (7, [])


def test_the_recount_names_differences_and_the_rebuild_corrects_them(deliver, conversation):
    deliver("reply_received", "10:00")
    with rls.scope(rls.SYSTEM):
        Conversation.objects.update(state="done")
    out = StringIO()
    with pytest.raises(CommandError, match="1 conversations differ"):
        call_command("rebuild_conversations", check=True, stdout=out)
    assert f"acme · {conversation().pk}: state done against open" in out.getvalue()
    call_command("rebuild_conversations", organization="acme", stdout=out)
    assert conversation().state == "open" and "set right" in out.getvalue()
    with pytest.raises(CommandError, match="There is no organization 'nobody'"):
        call_command("rebuild_conversations", organization="nobody")


def test_lists_report_that_the_build_is_not_complete(upgraded, acme, api, customer, stranger):
    steps = build.build(acme.pk, now=NOW, batch=3)
    next(steps)
    told = api(customer).get(LIST).json()["data"]
    assert (len(told["conversations"]), told["building"]) == (3, {"built": 3, "total": 7})
    assert api(stranger).get(LIST).json()["data"] == {"conversations": [], "building": None}
    list(steps)
    told = api(customer).get(LIST).json()["data"]
    assert (len(told["conversations"]), told["building"]) == (7, None)
