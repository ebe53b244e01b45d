"""Findings without a fixing action: a link to the page where a person settles them."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEntry
from instantly import findings
from instantly.models import Alert
from messaging.models import Finding
from salesbrain import rls
from tests import factories, staff_world

pytestmark = pytest.mark.django_db
LIST = "admin:messaging_finding_changelist"


def as_(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def finding(rule: str, **of: object) -> Finding:
    with rls.scope(rls.SYSTEM):
        return Finding.objects.get(rule=rule, until=None, **of)


@pytest.fixture
def waiting(acme, globex):
    """Replies that wait for 30 hours (two, one of them snoozed) and for one hour, at Acme; one of 30 hours at Globex."""
    now = datetime.now(UTC)
    for organization, name, hours, fields in (
        (acme, "late", 30, {}), (acme, "snoozed", 30, {"state": "snoozed", "snoozed_until": now + timedelta(days=1)}),
        (acme, "fresh", 1, {}), (globex, "other", 30, {}),
    ):  # fmt: skip
        person = factories.contact(organization, f"{name}@lead.example", first_name=name.title(), last_name="Lead")
        at = now - timedelta(hours=hours)
        factories.conversation(person, waiting_since=at, category="question", last_mail_at=at, **fields)
    findings.update(now=now)


@pytest.mark.parametrize("role", ["viewer", "operator", "admin"])
def test_waiting_replies_open_in_the_inbox_narrowed_to_them(waiting, request, role, acme):
    client = as_(request.getfixturevalue(role))
    row = finding("replies_waiting", target_id=acme.pk)
    link = reverse("admin:messaging_finding_inbox", args=[row.pk])
    for page in (reverse("admin:index"), reverse(LIST), reverse("admin:messaging_finding_change", args=[row.pk])):
        assert link in client.get(page).content.decode(), page
    answer = client.get(link, follow=True)
    text = answer.content.decode()
    assert answer.redirect_chain[-1][0] == "/inbox?late=24"
    assert "Late Lead" in text and "Waiting for more than 24 hours" in text
    for name in ("Snoozed Lead", "Fresh Lead", "Other Lead"):
        assert name not in text, name
    with rls.scope(rls.SYSTEM):
        assert AuditEntry.objects.filter(action="organization.open", organization_id=acme.pk).exists()


@pytest.mark.parametrize(
    "late", ["x", "-1", "99999", "1e3", "\u0663"], ids=["text", "negative", "too many", "power", "digits"]
)
def test_an_invalid_number_of_hours_narrows_nothing(waiting, operator, late):
    text = as_(operator).get("/inbox", {"lane": "all", "late": late}).content.decode()
    assert "Fresh Lead" in text and "Waiting for more than" not in text


def test_a_closed_finding_has_no_link(waiting, operator, acme):
    row = finding("replies_waiting", target_id=acme.pk)
    with rls.scope(rls.SYSTEM):
        Finding.objects.filter(pk=row.pk).update(until=datetime.now(UTC))
    page = as_(operator).get(reverse("admin:messaging_finding_change", args=[row.pk]))
    assert page.context["opens"] is None


def test_no_other_finding_opens_the_inbox(operator, acme_connection):
    row = factories.finding(factories.campaign(acme_connection))
    assert as_(operator).get(reverse("admin:messaging_finding_inbox", args=[row.pk])).status_code == 404


def test_dead_deliveries_open_those_of_the_connection(operator, viewer):
    world = staff_world.build(("Acme", "Globex"))
    findings.update(now=datetime.now(UTC))
    row = finding("dead_deliveries", target_id=world.connections[0].pk)
    page = as_(viewer).get(reverse("admin:messaging_finding_change", args=[row.pk]))
    words, address = page.context["opens"]
    assert str(words) == "Show the deliveries"
    listed = as_(operator).get(address).context["cl"].result_list
    assert [held.connection_name for held in listed] == ["acme"] and {held.reason for held in listed} == {"dead"}


def test_every_such_link_leads_to_a_page(operator, acme_connection):
    kinds = ("dead_deliveries", "workspace_mismatch", "over_budget", "queue_stalled")
    with rls.scope(rls.SYSTEM):
        for kind in kinds:
            Alert.objects.create(kind=kind, connection=acme_connection)
    findings.update(now=datetime.now(UTC))
    client = as_(operator)
    for kind in kinds:
        page = client.get(reverse("admin:messaging_finding_change", args=[finding(kind).pk]))
        assert client.get(page.context["opens"][1]).status_code == 200, kind
