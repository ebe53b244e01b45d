"""Command rebuild_reply_texts: texts of received mails extracted again from their webhooks."""

import io

import pytest
from django.core.management import CommandError, call_command
from django.utils.timezone import now

from instantly.erasure import erase_contact
from instantly.processing import mails
from instantly.processing.pruning import prune
from messaging import search
from messaging.inbox import recount
from messaging.models import Message, SearchPending
from salesbrain import rls

pytestmark = pytest.mark.django_db(transaction=True)

WORDS = "Gladly, call me.\n\nOn Monday Nora wrote:\n> Hello"


def rebuilt(*options: str) -> str:
    out = io.StringIO()
    call_command("rebuild_reply_texts", *options, stdout=out)
    return out.getvalue()


def received() -> Message:
    with rls.scope(rls.SYSTEM):
        return Message.objects.select_related("organization", "contact").get(direction="in")


def spoil(**texts: str) -> None:
    """Replace the stored texts by those that an earlier release with worse rules would have stored."""
    with rls.scope(rls.SYSTEM):
        Message.objects.filter(direction="in").update(**texts)


@pytest.fixture
def reply(post, work, dedicated, payload):
    post(dedicated[2], payload("reply_received", reply_text=WORDS, reply_html="<p>Gladly, call me.</p>"))
    work()
    while search.index_pending():
        pass
    return received()


def test_a_reply_gets_its_words_back_and_is_found_by_them(reply):
    assert reply.reply_text == "Gladly, call me."
    spoil(reply_text="Gladly", body_html="<script>alert(1)</script>")
    assert rebuilt("--dry-run") == "1 received mails were read again; the texts of 1 would change.\n"
    assert received().reply_text == "Gladly"

    assert "the texts of 1 were changed" in rebuilt()
    after = received()
    assert (after.reply_text, after.body_html) == (reply.reply_text, reply.body_html)
    with rls.scope(rls.SYSTEM):
        assert list(SearchPending.objects.values_list("message_id", flat=True)) == [reply.pk]
    assert list(recount.differences()) == []
    assert "the texts of 0 were changed" in rebuilt()


def test_texts_stay_unchanged_where_the_rules_are_unchanged(post, work, dedicated, payload):
    for n, kind in enumerate(["reply_received", "auto_reply_received"]):
        post(
            dedicated[2], payload(kind, reply_text=WORDS, timestamp=f"2026-07-1{n}T10:00:00.000Z", email_id=f"mail-{n}")
        )
    work()
    assert rebuilt() == "2 received mails were read again; the texts of 0 were changed.\n"


def test_pruned_deliveries_leave_their_mails_alone(reply):
    spoil(reply_text="Gladly")
    list(prune(now(), chunk=10))
    assert rebuilt().startswith("0 received mails were read again")
    assert received().reply_text == "Gladly"


def test_the_texts_of_an_erased_person_do_not_come_back(reply, dedicated):
    erase_contact(organization=reply.organization, email=reply.contact.email, now=now())
    assert "the texts of 0 were changed" in rebuilt()
    assert received().reply_text is None


def test_of_two_texts_of_one_mail_and_time_neither_is_chosen(reply, post, work, dedicated, payload):
    post(dedicated[2], payload("reply_received", reply_text="Another text of the same mail", step=9))
    work()
    spoil(reply_text="Gladly")
    assert rebuilt() == (
        "0 received mails were read again; the texts of 0 were changed.\n"
        "1 stay as they are: not read within a second of CPU, or told in different words at the same time.\n"
    )
    assert received().reply_text == "Gladly"


def test_a_text_that_changed_meanwhile_is_left_alone(reply, monkeypatch):
    """Another worker records a better text between reading and writing."""
    spoil(reply_text="Gladly")
    read = mails.read_mails

    def slow(*args, **kwargs):
        found = read(*args, **kwargs)
        spoil(reply_text="Recorded meanwhile")
        return found

    monkeypatch.setattr("instantly.processing.reply_texts.read_mails", slow)
    assert "the texts of 0 were changed" in rebuilt()
    assert received().reply_text == "Recorded meanwhile"


def test_only_the_named_organization_is_read(reply):
    spoil(reply_text="Gladly")
    with pytest.raises(CommandError, match="There is no organization 'nobody'"):
        rebuilt("--organization", "nobody")
    assert "of 1 would change" in rebuilt("--organization", reply.organization.slug, "--dry-run")
