"""State of a conversation (open, waiting, done), derived from its mails in any order."""

from datetime import UTC, datetime, timedelta

import pytest

from messaging.choices import Lane
from messaging.inbox.recount import differences, rebuild
from messaging.models import Conversation, MessageCategory
from salesbrain import rls

pytestmark = pytest.mark.django_db


def at(time: str) -> datetime:
    return datetime.fromisoformat(f"2026-07-10T{time}:00+00:00")


def lanes(now: datetime | None = None) -> list[str]:
    """Return every lane that contains the only conversation."""
    with rls.scope(rls.SYSTEM):
        return [
            lane.value for lane in Lane if Conversation.objects.in_lane(lane, now=now or datetime.now(UTC)).exists()
        ]


def test_a_campaigns_mails_and_clicks_make_no_conversation(deliver):
    for type in ("email_sent", "email_opened", "link_clicked", "lead_interested", "lead_unsubscribed"):
        deliver(type, "09:00")
    with rls.scope(rls.SYSTEM):
        assert not Conversation.objects.exists()


def test_a_human_reply_opens_and_marks_unread(deliver, conversation):
    deliver("reply_received", "10:00")
    deliver("reply_received", "11:00")
    row = conversation()
    assert (row.state, row.is_unread, row.version) == ("open", True, 2)
    assert (row.last_human_at, row.last_inbound_at, row.waiting_since) == (at("11:00"), at("11:00"), at("10:00"))
    assert lanes() == ["needs_reply"]


def test_our_reply_makes_a_conversation_waiting_and_read_in_any_order(deliver, conversation):
    deliver("manual_email_sent", "12:00")
    assert (conversation().state, lanes()) == ("waiting", ["waiting"])
    deliver("reply_received", "10:00")
    row = conversation()
    assert (row.state, row.is_unread, row.waiting_since, row.last_outbound_at) == ("waiting", False, None, at("12:00"))
    deliver("reply_received", "13:00")
    row = conversation()
    assert (row.state, row.is_unread, row.waiting_since) == ("open", True, at("13:00"))


def test_an_automatic_reply_opens_nothing(deliver, conversation):
    deliver("auto_reply_received", "10:00")
    row = conversation()
    assert (row.state, row.is_unread, row.last_inbound_at, row.last_human_at) == ("waiting", False, at("10:00"), None)
    deliver("reply_received", "11:00")
    deliver("manual_email_sent", "12:00")
    deliver("auto_reply_received", "13:00")
    assert (conversation().state, conversation().last_inbound_at) == ("waiting", at("13:00"))


@pytest.mark.parametrize(("type", "reason"), [("lead_unsubscribed", "unsubscribe"), ("email_spam_report", "complaint")])
def test_an_opt_out_closes_the_conversation_until_the_person_writes(deliver, conversation, type, reason):
    deliver("reply_received", "10:00")
    deliver(type, "10:05")
    row = conversation()
    assert (row.state, row.done_reason, row.waiting_since, lanes()) == ("done", reason, None, ["done"])
    deliver("reply_received", "11:00")
    assert (conversation().state, conversation().done_reason) == ("open", "")
    deliver(type, "12:00")
    assert (conversation().state, conversation().done_reason) == ("done", reason)


def test_an_opt_out_recorded_before_the_reply_closes_the_conversation_too(deliver, conversation):
    deliver("lead_unsubscribed", "10:05")
    deliver("reply_received", "10:00")
    assert (conversation().state, conversation().done_reason) == ("done", "unsubscribe")


def test_the_category_is_triages_then_the_interests(deliver, conversation, acme):
    deliver("reply_received", "10:00")
    assert conversation().category is None
    deliver("lead_meeting_booked", "10:01")
    assert (conversation().category, lanes()) == ("meeting", ["meeting"])
    deliver("lead_neutral", "10:02")
    assert conversation().category is None
    before = conversation().version
    deliver("lead_not_interested", "10:03")
    assert (lanes(), conversation().version) == (["done"], before), (
        "a category is no reason to ask again before sending"
    )
    with rls.scope(rls.SYSTEM):
        reply = conversation()
        message = acme.messages.get(direction="in")
        MessageCategory.objects.create(
            id=message.pk, organization=acme, category="question", predicted="question", p=0.9, candidates=[],
            source="model", version="1",
        )  # fmt: skip
    assert reply.category == "not_interested"
    deliver("lead_neutral", "10:04")
    assert (conversation().category, lanes()) == ("question", ["question"])


def test_a_mail_of_no_campaign_is_untracked_and_belongs_to_the_connections_organization(deliver, conversation, acme):
    deliver("untracked_reply_received", "10:00", campaign_id=None, email_id="mail-1")
    row = conversation()
    assert (row.organization_id, row.state, row.is_untracked, lanes()) == (acme.pk, "open", True, ["untracked"])
    deliver("reply_received", "11:00")
    assert (conversation().is_untracked, lanes()) == (False, ["needs_reply"])


def test_a_late_mail_raises_the_version_although_nothing_else_changes(deliver, conversation):
    deliver("reply_received", "12:00", email_id="mail-2")
    deliver("reply_received", "12:30", email_id="mail-3")
    before = conversation()
    deliver("reply_received", "12:15", email_id="mail-4")
    assert conversation().version == before.version + 1


def test_a_snoozed_conversation_is_open_when_its_time_has_come(deliver, conversation):
    deliver("reply_received", "10:00")
    with rls.scope(rls.SYSTEM):
        Conversation.objects.update(state="snoozed", snoozed_until=at("15:00"))
    assert lanes(at("15:00") - timedelta(seconds=1)) == ["snoozed"]
    assert lanes(at("15:00")) == ["needs_reply"]


def test_the_recount_finds_errors_and_the_rebuild_corrects_them(deliver, conversation):
    deliver("reply_received", "10:00")
    right = conversation()
    with rls.scope(rls.SYSTEM):
        Conversation.objects.update(state="done", is_unread=False, category="meeting", last_human_at=None)
    (found,) = differences()
    assert set(found.fields) == {"state", "is_unread", "category", "last_human_at"}
    rebuild()
    assert list(differences()) == [] and conversation().state == right.state == "open"
    with rls.scope(rls.SYSTEM):
        Conversation.objects.all().delete()
    assert [difference.fields for difference in rebuild()] == [{"row": (False, True)}]
    assert list(differences()) == [] and conversation().waiting_since == right.waiting_since


@pytest.mark.django_db(transaction=True)
def test_mails_written_by_hand_do_not_change_stats(deliver, campaign):
    from messaging.models import DailyStats
    from messaging.stats_rebuild import differences as figures_differ

    deliver("email_sent", "09:00")
    deliver("manual_email_sent", "10:00")
    deliver("untracked_reply_received", "11:00", email_id="mail-1")
    with rls.scope(rls.SYSTEM):
        rows = list(DailyStats.objects.values_list("messages", "sent", "replies"))
    assert rows == [(1, 1, 0)] and figures_differ() == []
