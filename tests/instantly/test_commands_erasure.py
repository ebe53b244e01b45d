"""erase_contact: the person is nowhere any more, the figures are what they were, and another organization keeps theirs."""

import json
from io import StringIO

import pytest
from django.contrib.admin.models import LogEntry
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import Count, Sum
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEntry
from instantly.models import Delivery, Held, Pending
from messaging import erasure
from messaging.models import Contact, DailyStats, Event, Message, Suppression
from salesbrain import rls
from salesbrain.rls.checks import protected_models
from tests import factories, staff_world

pytestmark = pytest.mark.django_db
PERSON, NAME = "ann.canary@lead.example", "Anncanary"


def erase(email: str = PERSON, organization: str = "acme") -> dict:
    out = StringIO()
    call_command("erase_contact", email, "--organization", organization, stdout=out)
    return json.loads(out.getvalue())


def furnish(connection_row, number: int) -> Message:
    """One of everything about the person, in one organization."""
    campaign = factories.campaign(connection_row)
    message = factories.message(
        campaign,
        PERSON,
        subject=f"For {NAME}",
        body_text=f"Dear {NAME}",
        body_html=f"<p>{NAME}</p>",
        reply_text=NAME,
        email_id="e1",
    )
    person = {"lead_email": PERSON, "first_name": NAME, "last_name": NAME, "company": NAME}
    factories.daily_stats(campaign, sent=1)
    with rls.scope(rls.SYSTEM):
        Contact.objects.filter(pk=message.contact_id).update(first_name=NAME, last_name=NAME, company=NAME, phone=NAME)
        for place, queue in enumerate((None, Held, Pending)):
            body = {"lead_email": PERSON.upper() if queue else PERSON, "reply_text": NAME}
            row = staff_world.delivery(connection_row, number + place, body)
            if queue is Held:
                Held.objects.create(delivery_id=row.pk, reason="unknown_campaign")
            elif queue is Pending:
                Pending.objects.create(delivery_id=row.pk)
            else:
                factories.event(campaign, row.pk, contact=message.contact, message=message, **person)
        Suppression.objects.create(
            organization=campaign.organization,
            email=PERSON,
            reason="unsubscribe",
            first_at=factories.NOON,
            last_at=factories.NOON,
        )
    return message


@pytest.fixture
def ours(acme_connection) -> Message:
    return furnish(acme_connection, 1)


def everything(organization) -> str:
    """Every row of every table of ours as text, as far as it is this organization's or nobody's; bodies decoded."""
    with rls.scope(rls.SYSTEM), connection.cursor() as cursor:
        texts = []
        for model in protected_models():
            columns = {field.column for field in model._meta.fields}
            where = f"WHERE organization_id = '{organization.pk}'" if "organization_id" in columns else ""
            cursor.execute(f"SELECT t::text FROM {model._meta.db_table} t {where}")
            texts += [text for (text,) in cursor.fetchall()]
        texts += [str(row.text) for row in Delivery.objects.all()]
    return "\n".join(texts).lower()


def figures() -> dict:
    with rls.scope(rls.SYSTEM):
        return {
            "messages": Message.objects.aggregate(count=Count("pk")),
            "events": Event.objects.aggregate(count=Count("pk")),
            "sent": DailyStats.objects.aggregate(sent=Sum("sent")),
            "contacts": Contact.objects.aggregate(count=Count("pk")),
        }


def test_the_person_is_nowhere_any_more_and_the_figures_are_the_same(ours, acme):
    before = figures()
    assert PERSON in everything(acme) and NAME.lower() in everything(acme)
    report = erase(PERSON.upper())
    left = everything(acme)
    assert PERSON not in left and NAME.lower() not in left
    assert PERSON.encode().hex() not in left, "not as bytes either"
    assert figures() == before
    assert (report["messages"], report["events"], report["deliveries"], report["suppressions"]) == (1, 1, 3, 1)
    assert PERSON not in json.dumps(report)


def test_what_staff_did_names_the_person_nowhere(ours, acme, operator):
    client = Client()
    client.force_login(operator)
    url = reverse("admin:messaging_contact_change", args=[ours.contact_id])
    assert client.post(url, {"staff_interest": "lead_closed"}).status_code == 302
    add = reverse("admin:messaging_suppression_add")
    assert client.post(add, {"organization": str(acme.pk), "email": PERSON, "detail": ""}).status_code == 302
    with rls.scope(rls.SYSTEM):
        assert PERSON not in str(list(AuditEntry.objects.values())), "nobody can erase from the audit log"
    assert PERSON in str(list(LogEntry.objects.values()))
    erase()
    assert PERSON not in str(list(LogEntry.objects.values()))


def test_another_organization_keeps_its_own(ours, acme, globex, globex_connection):
    theirs = furnish(globex_connection, 11)
    erase()
    with rls.scope(rls.SYSTEM):
        kept = Message.objects.select_related("contact").get(pk=theirs.pk)
        assert (kept.body_text, kept.contact.email, kept.contact.first_name) == (f"Dear {NAME}", PERSON, NAME)
        assert Event.objects.get(organization=globex).lead_email == PERSON
        assert Suppression.objects.get(organization=globex).email == PERSON
        assert Held.objects.count() == Pending.objects.count() == 1


def test_the_address_stays_suppressed_by_its_hash(ours, acme):
    erase()
    with rls.scope(rls.SYSTEM):
        emails = set(Suppression.objects.in_force().filter(organization=acme).values_list("email", flat=True))
    assert emails == {erasure.anonymous(acme.pk, " Ann.Canary@lead.example ")}


def test_the_hash_says_nothing_without_the_key_and_differs_by_organization(acme, globex, settings):
    first = erasure.anonymous(acme.pk, PERSON)
    assert first != erasure.anonymous(globex.pk, PERSON)
    settings.SECRET_KEY = "another"
    assert first != erasure.anonymous(acme.pk, PERSON)


def test_names_do_not_come_back_because_the_latest_wins(ours, acme):
    erase()
    with rls.scope(rls.SYSTEM):
        person = Contact.objects.get(organization=acme)
        assert (person.first_name, person.named_at) == (None, erasure.NEVER_AGAIN)


def test_it_can_be_repeated(ours, acme):
    erase()
    again = erase()
    assert (again["deliveries"], again["suppressions"]) == (0, 0)


def test_an_unknown_person_and_an_unknown_organization_are_said(acme, acme_connection):
    with pytest.raises(CommandError, match="Acme knows nobody at nobody@lead.example. Nothing was changed"):
        erase("nobody@lead.example")
    with pytest.raises(CommandError, match=r"no organization 'acmee'\. Organizations: .*acme"):
        erase(organization="acmee")
