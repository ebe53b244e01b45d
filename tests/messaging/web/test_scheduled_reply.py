"""Scheduled replies, in the time zone of the contact or of the writer."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from accounts.models import User
from campaigns.models import Campaign
from messaging.inbox.contact_zone import ContactZone, ZoneSource, contact_zone
from messaging.models import ContactVariables, Conversation, OutboxMessage
from salesbrain import rls
from tests import factories
from tests.messaging.inbox.conftest import delivered
from tests.messaging.web.test_conversation_reply import outbox, post
from tests.messaging.web.test_inbox import replied
from tests.salesbrain.web.pages import client_of

pytestmark = pytest.mark.django_db
ANN = "ann@atlas.example"
BERLIN, TOKYO, DENVER = (ZoneInfo(name) for name in ("Europe/Berlin", "Asia/Tokyo", "America/Denver"))


def schedule(zone: str) -> dict[str, Any]:
    days = {str(day): True for day in range(1, 6)}
    return {"schedules": [{"timing": {"from": "08:00", "to": "17:00"}, "days": days, "timezone": zone}]}


@pytest.fixture
def campaign(acme_connection) -> Campaign:
    factories.email_account(acme_connection, "sender@sender.example")
    return factories.campaign(acme_connection)


@pytest.fixture
def ann(campaign) -> Conversation:
    delivered(campaign, "email_sent", "09:00", lead_email=ANN, email_subject="Hello", email_text="Hello")
    return replied(campaign, ANN, "10:00")


@pytest.fixture
def writer(customer) -> User:
    User.objects.filter(pk=customer.pk).update(time_zone="Europe/Berlin")
    customer.refresh_from_db()
    return customer


def sends_in(campaign: Campaign, zone: str) -> None:
    with rls.scope(rls.SYSTEM):
        Campaign.objects.filter(pk=campaign.pk).update(schedule=schedule(zone))


def listed_in(row: Conversation, campaign: Campaign, zone: str, name: str = "timezone") -> None:
    with rls.scope(rls.SYSTEM):
        ContactVariables.objects.create(
            id=row.pk, organization_id=row.organization_id, campaign=campaign, variables={"city": "x", name: zone},
            told_at=datetime.now(UTC),
        )  # fmt: skip


def zones(user: User, row: Conversation) -> list[tuple[str, str]]:
    found = client_of(user).get(f"/inbox/{row.pk}").context["zones"]
    return [(each["name"], each["words"]) for each in found]


@pytest.mark.parametrize(
    ("listed", "of_campaign", "expected"),
    [
        ("Asia/Tokyo", "America/Denver", ContactZone("Asia/Tokyo", ZoneSource.LIST)),
        (" Asia/Tokyo ", "", ContactZone("Asia/Tokyo", ZoneSource.LIST)),
        ("", "America/Denver", ContactZone("America/Denver", ZoneSource.CAMPAIGN)),
        ("GMT+9 or so", "America/Denver", ContactZone("America/Denver", ZoneSource.CAMPAIGN)),
        ("../../etc/passwd", "x", None),
        ("", "", None),
    ],
    ids=["both", "list alone", "campaign alone", "a text that is none", "nonsense", "nothing"],
)
def test_the_zone_is_the_lists_else_the_campaigns(listed, of_campaign, expected):
    assert contact_zone(listed, Campaign(schedule=schedule(of_campaign))) == expected
    assert contact_zone("", None) is None


def test_the_persons_clock_is_offered_first_with_where_it_is_known_from(writer, campaign, ann):
    own = ("Europe/Berlin", "your time, Europe/Berlin")
    assert zones(writer, ann) == [own]
    sends_in(campaign, "America/Denver")
    assert zones(writer, ann) == [("America/Denver", "their time, America/Denver (the campaign's)"), own]
    listed_in(ann, campaign, "Asia/Tokyo", name="Time zone")
    assert zones(writer, ann) == [("Asia/Tokyo", "their time, Asia/Tokyo"), own]
    User.objects.filter(pk=writer.pk).update(time_zone="Asia/Tokyo")
    assert zones(writer, ann) == [("Asia/Tokyo", "your time, Asia/Tokyo")], "one clock is one choice"


@pytest.mark.parametrize(
    ("zone", "expected"),
    [("Asia/Tokyo", TOKYO), ("Europe/Berlin", BERLIN), ("", BERLIN), ("Mars/Olympus", BERLIN)],
    ids=["theirs", "mine", "none named", "none that exists"],
)
def test_a_time_is_read_by_the_clock_that_the_form_names(writer, campaign, ann, zone, expected):
    listed_in(ann, campaign, "Asia/Tokyo")
    post(
        client_of(writer), ann, "send", text="Monday it is", version=str(ann.version), when="in 3 days 9:30", zone=zone
    )
    (row,) = outbox()
    assert row.send_at is not None
    local = row.send_at.astimezone(expected)
    assert (local.hour, local.minute) == (9, 30) and row.send_at > datetime.now(UTC) + timedelta(days=1)


def test_a_scheduled_reply_says_when_it_comes_by_their_clock(writer, campaign, ann):
    listed_in(ann, campaign, "Asia/Tokyo")
    client = client_of(writer)
    post(client, ann, "send", text="Monday it is", version=str(ann.version), when="in 3 days 9:30", zone="Asia/Tokyo")
    page = client.get(f"/inbox/{ann.pk}").content.decode()
    assert "09:30 for them (Asia/Tokyo)" in page
    User.objects.filter(pk=writer.pk).update(time_zone="Asia/Tokyo")
    assert "for them" not in client.get(f"/inbox/{ann.pk}").content.decode()


@pytest.mark.parametrize(("undo", "seconds"), [("5", 5), ("120", 120), ("", 30), ("x", 30)])
def test_how_long_a_reply_can_be_taken_back_is_chosen(customer, ann, undo, seconds):
    post(client_of(customer), ann, "send", text="Yes", version=str(ann.version), undo=undo)
    (row,) = outbox()
    assert row.queued_at and row.undo_until == row.queued_at + timedelta(seconds=seconds)


def test_an_undo_that_is_too_long_is_refused(customer, ann):
    answer = post(client_of(customer), ann, "send", text="Yes", version=str(ann.version), undo="600")
    assert answer.status_code == 422 and "5 to 120 seconds" in answer.content.decode()
    with rls.scope(rls.SYSTEM):
        assert not OutboxMessage.objects.filter(state="queued").exists()
