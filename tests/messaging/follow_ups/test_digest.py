"""Daily digest: on request, once a working day, in the reader's language, never empty."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from accounts.choices import MembershipRole
from accounts.mails import MailNotSent
from accounts.models import Membership, User
from accounts.permissions import RoleTooLow
from messaging.follow_ups import digest, subscriptions
from messaging.models import DigestSubscription
from salesbrain import rls
from tests import factories
from tests.messaging.follow_ups.world import conversation, person, received
from tests.salesbrain.web.pages import client_of

pytestmark = pytest.mark.django_db
WEDNESDAY = datetime(2026, 8, 12, 8, tzinfo=UTC)


@pytest.fixture(autouse=True)
def with_mails(settings):
    settings.EMAIL_URL = "smtp://mail.example"
    settings.PUBLIC_URL = "https://salesbrain.example"


@pytest.fixture
def ann(acme_connection):
    campaign = factories.campaign(acme_connection)
    contact = person(campaign, "ann", first_name="Ann", company="Atlas")
    received(campaign, contact, WEDNESDAY - timedelta(days=1), "question", asks="reply", words="A secret of Ann's")
    conversation(contact, WEDNESDAY - timedelta(days=1))
    return contact


def subscribed(user: User, organization, role=MembershipRole.OWNER) -> UUID:
    subscriptions.subscribe(rls.customer(organization.pk, role), by=user, now=WEDNESDAY)
    with rls.scope(rls.SYSTEM):
        return DigestSubscription.objects.get(user_id=user.pk).pk


def run(now: datetime = WEDNESDAY) -> int:
    return sum(digest.send(id, now=now) for id in digest.due(now=now))


def test_a_subscriber_gets_one_mail_a_day_with_names_and_links_and_no_text(customer, acme, ann, mailoutbox):
    subscribed(customer, acme)
    assert run() == 1 and run(WEDNESDAY + timedelta(hours=2)) == 0
    (mail,) = mailoutbox
    assert mail.to == [customer.email] and mail.subject == "1 follow-up for Acme"
    assert "Ann, Atlas: Answer" in mail.body and f"https://salesbrain.example/inbox/{ann.pk}" in mail.body
    assert "secret" not in mail.body + str(mail.alternatives)
    assert mail.extra_headers["List-Unsubscribe"].startswith("<https://salesbrain.example/digest/off/")
    assert run(WEDNESDAY + timedelta(days=1)) == 1, "the next day again"


def test_no_digest_goes_to_users_who_did_not_subscribe(customer, ann, mailoutbox):
    assert run() == 0 and mailoutbox == []


def test_no_digest_is_sent_without_follow_ups(customer, acme, mailoutbox):
    subscribed(customer, acme)
    assert run() == 0 and mailoutbox == []


def test_the_digest_is_in_the_readers_language(customer, acme, ann, mailoutbox):
    subscribed(customer, acme)
    User.objects.filter(pk=customer.pk).update(language="de")
    run()
    assert "Wiedervorlage" in mailoutbox[0].subject and "Antworten" in mailoutbox[0].body


@pytest.mark.parametrize(
    ("zone", "now", "is_due"),
    [
        ("", WEDNESDAY.replace(hour=6, minute=59), False),
        ("", WEDNESDAY.replace(hour=7), True),
        ("Europe/Berlin", WEDNESDAY.replace(hour=5), True),
        ("America/New_York", WEDNESDAY.replace(hour=10), False),
        ("", datetime(2026, 8, 15, 9, tzinfo=UTC), False),
        ("Pacific/Auckland", datetime(2026, 8, 16, 20, tzinfo=UTC), True),
    ],
    ids=["before seven", "at seven", "seven in Berlin", "six in New York", "Saturday", "Monday in Auckland"],
)
def test_the_digest_is_due_from_seven_on_working_days_of_the_reader(customer, acme, zone, now, is_due):
    subscribed(customer, acme)
    User.objects.filter(pk=customer.pk).update(time_zone=zone)
    assert bool(digest.due(now=now)) is is_due


def test_users_who_left_or_lost_the_permission_get_no_digest(customer, acme, ann, mailoutbox):
    id = subscribed(customer, acme)
    with rls.scope(rls.SYSTEM):
        Membership.objects.filter(user=customer).update(role=MembershipRole.OBSERVER)
    assert not digest.send(id, now=WEDNESDAY)
    with rls.scope(rls.SYSTEM):
        Membership.objects.filter(user=customer).delete()
    assert not digest.send(id, now=WEDNESDAY) and mailoutbox == []


def test_an_observer_cannot_subscribe(customer, acme):
    with pytest.raises(RoleTooLow):
        subscribed(customer, acme, MembershipRole.OBSERVER)


def test_the_unsubscribe_link_asks_first_and_then_ends_the_digest(customer, acme, ann, mailoutbox, client):
    subscribed(customer, acme)
    run()
    path = mailoutbox[0].extra_headers["List-Unsubscribe"].strip("<>").removeprefix("https://salesbrain.example")
    assert "Stop the daily digest of follow-ups for Acme?" in client.get(path).content.decode()
    with rls.scope(rls.SYSTEM):
        assert DigestSubscription.objects.exists(), "opening it changes nothing"
    assert "no further digest" in client.post(path).content.decode()
    assert client.get(path).status_code == client.post(path).status_code == 410
    with rls.scope(rls.SYSTEM):
        assert not DigestSubscription.objects.exists()


def test_a_forged_link_ends_nothing(customer, acme, client):
    id = subscribed(customer, acme)
    for token in (id.hex, f"{id.hex}:forged", "x"):
        assert client.post(f"/digest/off/{token}").status_code == 410
    with rls.scope(rls.SYSTEM):
        assert DigestSubscription.objects.exists()


def test_the_page_switches_the_digest_on_and_off(customer, acme):
    client = client_of(customer)
    assert "Send me the digest" in client.get("/follow-ups").content.decode()
    data = {"organization": str(acme.pk)}
    client.post("/follow-ups/act", {**data, "action": "digest_on"})
    assert "You get a digest" in client.get("/follow-ups").content.decode()
    client.post("/follow-ups/act", {**data, "action": "digest_off"})
    with rls.scope(rls.SYSTEM):
        assert not DigestSubscription.objects.exists()


def test_without_a_mail_server_nothing_is_offered_or_sent(customer, acme, ann, settings):
    subscribed(customer, acme)
    settings.EMAIL_URL = ""
    assert digest.due(now=WEDNESDAY) == []
    assert "digest" not in client_of(customer).get("/follow-ups").content.decode()
    with pytest.raises(CommandError, match="sends no mails"):
        call_command("send_digests")


def test_the_command_says_which_mails_failed(customer, acme, ann, monkeypatch):
    subscribed(customer, acme)

    def fails(*args, **kwargs):
        raise MailNotSent("The mail server did not take it.")

    monkeypatch.setattr(digest, "due", lambda now: [DigestSubscription.objects.values_list("pk", flat=True).first()])
    monkeypatch.setattr(digest, "send", fails)
    with rls.scope(rls.SYSTEM), pytest.raises(CommandError, match="1 digests were not sent"):
        call_command("send_digests")
