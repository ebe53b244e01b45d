"""Events of a person after their erasure: counted as before, without any trace of the person."""

from io import StringIO
from threading import Event as Signal
from threading import Thread

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from instantly.actions.leads import add_leads
from instantly.erasure import erase_contact
from instantly.models import Delivery, Held, Pending
from instantly.processing import resolvers
from instantly.processing.batch import process_pending
from instantly.webhooks.auth import secrets
from messaging.campaign_transfer import move_campaign
from messaging.erasure import aliases
from messaging.models import Contact, DailyStats, Event, Message
from salesbrain import rls
from salesbrain.rls.checks import protected_models
from tests import factories
from tests.waiting import until_somebody_waits_for_a_lock

pytestmark = pytest.mark.django_db(transaction=True)
PERSON, NAME, TWIN = "ann.canary@lead.example", "Anncanary", "twin@lead.example"
WHO = {"lead_email": PERSON, "email": PERSON, "firstName": NAME, "lastName": NAME, "companyName": NAME, "phone": NAME}
TEXT = {
    "reply_subject": f"Re: {NAME}",
    "reply_text": f"{NAME} here",
    "reply_html": f"<p>{NAME}</p>",
    "email_id": "mail-canary",
}
AS_TWIN = {"lead_email": TWIN, "email": TWIN, "email_id": "mail-of-the-twin"}
LIFE = (
    ("email_sent", {"timestamp": "2026-07-10T09:00:00.000Z", "email_subject": NAME, "email_text": NAME}),
    ("email_opened", {"timestamp": "2026-07-10T10:00:00.000Z"}),
    ("reply_received", {"timestamp": "2026-07-10T11:00:00.000Z", **TEXT}),
    ("lead_interested", {"timestamp": "2026-07-10T12:00:00.000Z"}),
    ("email_sent", {"timestamp": "2026-07-11T09:00:00.000Z", "step": 2, "email_subject": NAME, "email_text": NAME}),
    ("email_opened", {"timestamp": "2026-07-11T09:30:00.000Z"}),
    ("email_opened", {"timestamp": "2026-07-09T10:00:00.000Z"}),
    ("lead_unsubscribed", {"timestamp": "2026-07-12T12:00:00.000Z"}),
)


def erase(organization):
    return erase_contact(organization=organization, email=PERSON, now=timezone.now(), actor_name="test")


def everything() -> str:
    """Return every row of every table as text, with bodies decoded."""
    with rls.scope(rls.SYSTEM), connection.cursor() as cursor:
        texts = []
        for model in protected_models():
            cursor.execute(f"SELECT t::text FROM {model._meta.db_table} t ORDER BY 1")
            texts += [text for (text,) in cursor.fetchall()]
        texts += [str(row.text) for row in Delivery.objects.order_by("pk")]
    return "\n".join(texts).lower()


def facts(contact: Contact) -> dict:
    """Return a contact's values that stats are made of: dates, interest, mails and events."""
    with rls.scope(rls.SYSTEM):
        mails = Message.objects.filter(contact=contact)
        dates = "happened_at", "sent_at", "opened_at", "clicked_at", "replied_at", "bounced_at"
        return {
            "dates": [getattr(contact, f"{name}_at") for name in ("first_seen", "replied", "unsubscribed", "interest")],
            "interest": contact.interest,
            "mails": sorted(mails.values_list("direction", "step", "variant", "open_count", *dates), key=repr),
            "events": sorted(
                Event.objects.filter(contact=contact).values_list("type", "happened_at", "step", "interest"), key=repr
            ),
        }


@pytest.fixture
def live(post, payload, work, dedicated):
    """Return `live(start, end)`: deliver and process these events of a person and the same ones of a twin."""
    *_, secret = dedicated

    def send(start: int, end: int | None = None) -> None:
        for name, told in LIFE[start:end]:
            assert post(secret, payload(name, **told | WHO)).status_code == 200
            assert post(secret, payload(name, **told | AS_TWIN)).status_code == 200
        work()

    return send


@pytest.mark.parametrize("at", range(1, len(LIFE) + 1))
def test_an_erasure_at_any_moment_does_not_change_the_stats(at, live, acme):
    live(0, at)
    erase(acme)
    live(at)
    with rls.scope(rls.SYSTEM):
        anonymous, twin = Contact.objects.exclude(email=TWIN).get(), Contact.objects.get(email=TWIN)
    assert anonymous.email.endswith("@erased.invalid") and facts(anonymous) == facts(twin)
    call_command("rebuild_stats", "--check", stdout=StringIO())
    with rls.scope(rls.SYSTEM):
        Message.objects.filter(contact=twin).update(
            subject=None, body_text=None, body_html=None, reply_text=None, email_id=None
        )
        Delivery.objects.filter(pk__in=Event.objects.filter(contact=twin).values("pk")).update(body=None, cleaned=None)
    left = everything()
    assert [line for line in left.splitlines() if PERSON in line or NAME.lower() in line or "mail-canary" in line] == []


def test_a_delivery_that_waits_and_one_that_is_held_are_counted_later(post, payload, work, dedicated, acme):
    connection_row, campaign, secret = dedicated
    unknown = {"campaign_id": "not-synced-yet", **WHO}
    post(secret, payload("email_sent", **unknown))
    work()
    post(secret, payload("email_sent", **LIFE[0][1] | WHO))
    with rls.scope(rls.SYSTEM):
        assert Held.objects.count() == Pending.objects.count() == 1
    assert erase(acme)["waiting"] == 2
    assert PERSON not in everything() and NAME.lower() not in everything()
    factories.campaign(connection_row, "Late", provider_id="not-synced-yet")
    work()
    with rls.scope(rls.SYSTEM):
        (person,) = Contact.objects.all()
        assert Message.objects.filter(contact=person).count() == Event.objects.filter(contact=person).count() == 2
        assert aliases.aliases([(acme.pk, PERSON)])[acme.pk, PERSON] == person.email


def test_copies_and_replays_do_not_restore_an_erased_person(post, payload, work, dedicated, live, acme):
    *_, secret = dedicated
    live(0)
    erase(acme)
    before = everything()
    for name, told in LIFE:
        post(secret, payload(name, **told | WHO))
    work()
    call_command("replay_deliveries", "--since", "2020-01-01", stdout=StringIO())
    work()
    assert everything() == before


def test_another_organizations_later_events_name_the_person(live, acme, globex_connection, post, payload, work):
    live(0, 1)
    erase(acme)
    campaign, secret = factories.campaign(globex_connection), factories.webhook_secret(globex_connection)
    theirs = {"workspace": globex_connection.workspace_id, "campaign_id": campaign.provider_id}
    secrets.forget()
    post(secret, payload("email_sent", **LIFE[0][1] | WHO | theirs))
    work()
    with rls.scope(rls.SYSTEM):
        person = Contact.objects.get(organization=campaign.organization)
        assert (person.email, person.first_name) == (PERSON, NAME)
        assert Delivery.objects.get(connection_id=globex_connection.pk).body is not None


def test_an_unassigned_delivery_of_a_shared_workspace_is_untouched_by_erasure(
    live, acme, globex, shared_connection, post, payload, work
):
    live(0, 1)
    secret = factories.webhook_secret(shared_connection)
    secrets.forget()
    post(secret, payload("email_sent", **WHO | {"workspace": shared_connection.workspace_id, "campaign_id": "whose"}))
    work()
    assert erase(acme)["undecided"] == 1
    factories.campaign(shared_connection, "Theirs", globex, provider_id="whose")
    work()
    with rls.scope(rls.SYSTEM):
        assert Contact.objects.get(organization=globex).email == PERSON


def test_a_moved_campaign_keeps_erased_people_anonymous(acme, globex, shared_connection, post, payload, work):
    campaign, secret = factories.campaign(shared_connection, "Moves", acme), factories.webhook_secret(shared_connection)
    ours = {"workspace": shared_connection.workspace_id, "campaign_id": campaign.provider_id}
    post(secret, payload("email_sent", **LIFE[0][1] | WHO | ours))
    work()
    erase(acme)
    move_campaign(campaign.pk, globex.pk, now=timezone.now())
    post(secret, payload("reply_received", **LIFE[2][1] | WHO | ours))
    work()
    assert PERSON not in everything() and NAME.lower() not in everything()
    with rls.scope(rls.SYSTEM):
        (person,) = Contact.objects.all()
        assert person.organization_id == globex.pk and person.replied_at
        assert Message.objects.filter(contact=person, replied_at__isnull=False).count() == 1


def test_leads_are_not_added_under_an_erased_address(live, acme, globex_connection, dedicated):
    live(0, 1)
    erase(acme)
    _, campaign, _ = dedicated
    report = add_leads(campaign.pk, [{"email": PERSON.upper()}, {"email": "bob@new.example"}], actor=None, dry_run=True)
    assert (report.suppressed, report.unsent) == ([PERSON], 1)
    theirs = factories.campaign(globex_connection)
    assert add_leads(theirs.pk, [{"email": PERSON}], actor=None, dry_run=True).suppressed == []


@pytest.mark.parametrize("moment", ["before it looks who was erased", "after it looked"])
def test_an_event_in_flight_while_the_person_is_erased_is_erased_too(
    moment, monkeypatch, post, payload, work, dedicated, acme
):
    """A worker has read the delivery when the erasure starts: in either order no trace of the person remains."""
    *_, secret = dedicated
    post(secret, payload("email_sent", **LIFE[0][1] | WHO))
    work()
    post(secret, payload("reply_received", **LIFE[2][1] | WHO))
    read, go_on = Signal(), Signal()
    real = resolvers.anonymize_erased

    def stopped(batch):
        if moment == "after it looked":
            batch = real(batch)
        read.set()
        assert go_on.wait(30)
        return batch if moment == "after it looked" else real(batch)

    def in_thread(step):
        def run():
            try:
                step()
            finally:
                connection.close()

        return Thread(target=run)

    worker, eraser = in_thread(process_pending), in_thread(lambda: erase(acme))
    monkeypatch.setattr(resolvers, "anonymize_erased", stopped)
    worker.start()
    try:
        assert read.wait(30)
        eraser.start()
        if moment == "after it looked":
            until_somebody_waits_for_a_lock()
        else:
            eraser.join(30)
    finally:
        go_on.set()
        worker.join(30)
    eraser.join(30)
    assert not worker.is_alive() and not eraser.is_alive()
    left = everything()
    assert PERSON not in left and NAME.lower() not in left
    with rls.scope(rls.SYSTEM):
        assert not Pending.objects.exists() and not Held.objects.exists()
        (person,) = Contact.objects.all()
        assert Event.objects.filter(contact=person).count() == 2
        assert DailyStats.objects.filter(replies=1).count() == 1


def test_a_batch_needs_one_look_up_without_erasures_and_two_with_one(live, acme, monkeypatch):
    asked = []
    real = aliases.db.prepared
    monkeypatch.setattr(
        aliases.db, "prepared", lambda sql, *args, **kwargs: asked.append(sql) or real(sql, *args, **kwargs)
    )

    def look_ups() -> int:
        found = [sql for sql in asked if "sb_erasure_secret" in sql or sql == aliases.ERASED]
        asked.clear()
        return len(found)

    live(0, 1)
    assert look_ups() == 1
    erase(acme)
    asked.clear()
    live(1, 2)
    assert look_ups() == 2


def test_a_person_moved_in_with_a_campaign_is_erased_by_a_second_run(
    live, acme, globex, shared_connection, post, payload, work
):
    """Both contacts are then one anonymous contact, which counts in both campaigns."""
    live(0, 3)
    erase(acme)
    campaign, secret = (
        factories.campaign(shared_connection, "Comes", globex),
        factories.webhook_secret(shared_connection),
    )
    secrets.forget()
    theirs = {"workspace": shared_connection.workspace_id, "campaign_id": campaign.provider_id}
    post(secret, payload("email_sent", **LIFE[0][1] | {"timestamp": "2026-07-01T09:00:00.000Z"} | WHO | theirs))
    work()
    move_campaign(campaign.pk, acme.pk, now=timezone.now())
    with rls.scope(rls.SYSTEM):
        assert Contact.objects.filter(organization=acme, email=PERSON).exists(), "moving knows nothing of it"
    report = erase(acme)
    assert (report["contacts"], report["messages"], report["events"], report["deliveries"]) == (1, 1, 1, 1)
    with rls.scope(rls.SYSTEM):
        person = Contact.objects.exclude(email=TWIN).get()
        assert person.first_seen_at.day == 1 and person.replied_at and person.first_name is None
        assert Message.objects.filter(contact=person).count() == 3
        kept = [str(row.text) for row in Delivery.objects.all() if PERSON in str(row.text)]
    assert kept == []
    call_command("rebuild_stats", "--check", stdout=StringIO())
