"""Command erase_contact: no trace of the person, unchanged stats, other organizations untouched."""

import hmac
import json
from io import StringIO
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.contrib.admin.models import LogEntry
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import Count, Sum
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEntry, InstallationSecret
from instantly.erasure import erase_contact
from instantly.models import Delivery, Held, Pending
from messaging import identity
from messaging.erasure import aliases
from messaging.models import Contact, DailyStats, Event, Message, SearchPending, Suppression
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
    """Create one row of every kind about the person, in one organization."""
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
    """Return as text all rows of the organization, of tables without an organization all rows, and the decoded body of every delivery."""
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


def test_an_erasure_removes_the_person_everywhere_and_keeps_the_stats(ours, acme):
    before = figures()
    assert PERSON in everything(acme) and NAME.lower() in everything(acme)
    report = erase(PERSON.upper())
    left = everything(acme)
    assert PERSON not in left and NAME.lower() not in left
    assert PERSON.encode().hex() not in left, "not as bytes either"
    assert figures() == before
    removed = {name: report[name] for name in ("messages", "events", "deliveries", "waiting", "suppressions")}
    assert removed == {"messages": 1, "events": 1, "deliveries": 1, "waiting": 2, "suppressions": 1}
    assert PERSON not in json.dumps(report)


def test_audit_entries_of_staff_do_not_name_the_erased_person(ours, acme, operator):
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


def test_another_organization_keeps_its_data_of_the_person(ours, acme, globex, globex_connection):
    theirs = furnish(globex_connection, 11)
    erase()
    with rls.scope(rls.SYSTEM):
        kept = Message.objects.select_related("contact").get(pk=theirs.pk)
        assert (kept.body_text, kept.contact.email, kept.contact.first_name) == (f"Dear {NAME}", PERSON, NAME)
        assert Event.objects.get(organization=globex).lead_email == PERSON
        assert Suppression.objects.get(organization=globex).email == PERSON
        waiting = Delivery.objects.filter(connection_id=globex_connection.pk, body__isnull=False)
        assert [row.payload["reply_text"] for row in waiting] == [NAME] * 3


def test_the_address_stays_refused_by_its_hash(ours, acme):
    erase()
    with rls.scope(rls.SYSTEM):
        kept = list(Suppression.objects.in_force().filter(organization=acme))
        assert {row.reason for row in kept} == {"unsubscribe", "erased"}
        assert {row.email for row in kept} == {aliases.aliases([(acme.pk, PERSON)])[acme.pk, PERSON]}


def test_the_hash_needs_a_secret_of_the_installation_that_outlives_every_key(ours, acme, settings):
    erase()
    with rls.scope(rls.SYSTEM):
        kept = Suppression.objects.get(organization=acme, reason="erased").email
        secret = InstallationSecret.objects.value_of(aliases.SECRET)
        assert kept == hmac.new(secret.encode(), PERSON.encode(), "sha256").hexdigest()[:40] + "@erased.invalid"
        with connection.cursor() as cursor:
            cursor.execute("SELECT value FROM accounts_installationsecret")
            assert secret not in cursor.fetchone()[0], "encrypted at rest"
    settings.SECRET_KEY = "another"
    settings.SALESBRAIN_ENCRYPTION_KEYS = [Fernet.generate_key().decode(), *settings.SALESBRAIN_ENCRYPTION_KEYS]
    call_command("rotate_encryption_key", stdout=StringIO())
    settings.SALESBRAIN_ENCRYPTION_KEYS = settings.SALESBRAIN_ENCRYPTION_KEYS[:1]
    with rls.scope(rls.SYSTEM):
        assert aliases.aliases([(acme.pk, PERSON)]) == {(acme.pk, PERSON): kept}


def test_no_key_of_a_row_can_be_computed_from_the_address(ours, acme):
    """Keys are hashes without a secret, so that anybody who guesses the address could compute them."""
    with rls.scope(rls.SYSTEM):
        guessed = {identity.contact_id(acme.pk, PERSON), identity.outbound_id(ours.campaign_id, PERSON, 1, 1)}
        assert {ours.contact_id, ours.pk} == guessed
        erase()
        left = {*Contact.objects.values_list("pk", flat=True), *Message.objects.values_list("pk", flat=True)}
        assert len(left) == 2 and not guessed & left


def test_an_erasure_can_be_repeated(ours, acme):
    erase()
    again = erase()
    numbers = {name: value for name, value in again.items() if name != "contact_id"}
    assert not any(numbers.values()), "nothing was left for the second time"


def test_an_erasure_is_audited_without_the_address(ours, acme, admin):
    erase_contact(organization=acme, email=PERSON, now=factories.NOON, actor=admin, address="192.0.2.7")
    with rls.scope(rls.SYSTEM):
        entries = AuditEntry.objects.order_by("id").values_list("action", "actor_name", "organization_id", "address")
        assert list(entries) == [
            (action, admin.email, acme.pk, "192.0.2.7") for action in ("contact.erase", "contact.erased")
        ]
        assert PERSON not in str(list(AuditEntry.objects.values()))


def test_the_address_is_removed_from_quoting_mails(ours, acme, acme_connection, globex, globex_connection):
    """Mails quote the address in each form that HTML and links allow; a longer address with the same end stays."""
    quoting = "On Monday Ann.Canary@lead.example wrote: ask joann.canary@lead.example or ann.canary@lead.example.org."
    html = '<a href="mailto:ann.canary%40lead.example">a</a> ann.canary&#64;lead.example <b>ann.canary@lead.example</b>'
    rows = {}
    for number, (organization, row) in enumerate(((acme, acme_connection), (globex, globex_connection)), 50):
        texts: dict[str, Any] = {
            "subject": f"Fwd: {PERSON}",
            "body_text": quoting,
            "body_html": html,
            "reply_text": quoting,
        }
        message = factories.message(factories.campaign(row), "bob@lead.example", **texts)
        with rls.scope(rls.SYSTEM):
            body = {"lead_email": "bob@lead.example", "reply_text": quoting, "cc": [{PERSON: PERSON}]}
            rows[organization] = message, staff_world.delivery(row, number, body)
    report = erase()
    assert (report["quoting_messages"], report["quoting_deliveries"]) == (1, 1)
    alias = alias_of(acme)
    with rls.scope(rls.SYSTEM):
        message, delivery = rows[acme]
        message.refresh_from_db()
        left = f"On Monday {alias} wrote: ask joann.canary@lead.example or ann.canary@lead.example.org."
        assert (message.subject, message.body_text, message.reply_text) == (f"Fwd: {alias}", left, left)
        assert message.body_html == f'<a href="mailto:{alias}">a</a> {alias} <b>{alias}</b>'
        assert SearchPending.objects.filter(pk=message.pk).exists(), "what search knows is written again"
        payload = Delivery.objects.get(pk=delivery.pk).payload
        assert payload == {"lead_email": "bob@lead.example", "reply_text": left, "cc": [{alias: alias}]}
        message, delivery = rows[globex]
        message.refresh_from_db()
        assert message.body_text == quoting and Delivery.objects.get(pk=delivery.pk).payload["reply_text"] == quoting


def test_a_person_only_quoted_in_mails_can_be_erased(acme, acme_connection):
    factories.message(factories.campaign(acme_connection), "bob@lead.example", body_text=f"ask {PERSON}")
    assert erase()["quoting_messages"] == 1


def test_the_address_is_refused_by_staffs_form_and_the_entry_cannot_be_lifted(ours, acme, operator):
    erase()
    client = Client()
    client.force_login(operator)
    add = reverse("admin:messaging_suppression_add")
    answer = client.post(add, {"organization": str(acme.pk), "email": PERSON, "detail": ""})
    assert answer.status_code == 200 and "was erased from this organization" in answer.content.decode()
    with rls.scope(rls.SYSTEM):
        entry = Suppression.objects.get(organization=acme, reason="erased")
    client.post(reverse("admin:messaging_suppression_change", args=[entry.pk]), {"lift_reason": "asked"})
    with rls.scope(rls.SYSTEM):
        assert Suppression.objects.get(pk=entry.pk).lifted_at is None


def alias_of(organization) -> str:
    with rls.scope(rls.SYSTEM):
        return aliases.aliases([(organization.pk, PERSON)])[organization.pk, PERSON]


def test_an_unknown_person_or_organization_is_an_error(acme, acme_connection):
    with pytest.raises(CommandError, match="Acme knows nobody at nobody@lead.example. Nothing was changed"):
        erase("nobody@lead.example")
    with rls.scope(rls.SYSTEM):
        assert not Suppression.objects.exists(), "a slip of the pen refuses nobody"
    with pytest.raises(CommandError, match=r"no organization 'acmee'\. Organizations: .*acme"):
        erase(organization="acmee")
