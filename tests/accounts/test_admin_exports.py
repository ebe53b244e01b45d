"""CSV export of the admin's lists: same rows and columns, harmless cells, an audit entry."""

import csv
import io

import pytest
from django.contrib import admin as django_admin
from django.test import Client
from django.utils import translation

from accounts.admin import base
from accounts.admin.base import StaffAdmin
from accounts.models import AuditEntry
from messaging.models import Message
from salesbrain import rls
from salesbrain.exporting import restore
from tests import factories, staff_world

pytestmark = pytest.mark.django_db
OURS = sorted(
    (page for page in django_admin.site._registry.values() if isinstance(page, StaffAdmin)),
    key=lambda page: page.model._meta.label,
)


def as_(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def exported(client: Client, path: str) -> list[list[str]]:
    answer = client.get(path)
    assert answer.status_code == 200, answer.content
    assert answer["Content-Type"] == "text/csv; charset=utf-8" and "no-store" in answer["Cache-Control"]
    text = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
    assert text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


@pytest.mark.parametrize("role", ["viewer", "operator", "admin"])
def test_every_list_can_be_exported_by_every_role(request, role):
    staff_world.build(("Acme", "Globex"))
    client = as_(request.getfixturevalue(role))
    for page in OURS:
        path = f"/admin/{page.opts.app_label}/{page.opts.model_name}/"
        listed = client.get(path)
        rows = exported(client, f"{path}export/")
        assert len(rows) == 1 + listed.context["cl"].result_count, page
        assert len(rows[0]) == len(listed.context["cl"].list_display) - (
            "action_checkbox" in listed.context["cl"].list_display
        ), page
        assert not any("<" in cell and ">" in cell and "script" not in cell for row in rows for cell in row), page


def test_an_export_has_the_lists_rows_in_its_order(viewer, acme_connection, globex_connection):
    for number, connection in enumerate((acme_connection, globex_connection, acme_connection)):
        at = factories.NOON.replace(hour=number)
        campaign = factories.campaign(connection, f"Campaign {number}")
        factories.message(campaign, f"lead{number}@lead.example", subject=f"Subject {number}", happened_at=at)
    client = as_(viewer)
    subjects = [row[3] for row in exported(client, "/admin/messaging/message/export/")]
    assert subjects == ["Subject", "Subject 2", "Subject 1", "Subject 0"]
    narrowed = f"/admin/messaging/message/?organization__id__exact={acme_connection.organization_id}&p=1"
    link = client.get(narrowed).context["cl"].export_url
    assert [row[3] for row in exported(client, link)] == ["Subject", "Subject 2", "Subject 0"]
    found = exported(client, "/admin/messaging/message/export/?q=lead1@lead.example")
    assert [row[3] for row in found] == ["Subject", "Subject 1"]


def test_formulas_in_untrusted_texts_are_neutralized(viewer, acme_connection):
    formula = '=HYPERLINK("https://evil.example","click")'
    factories.message(factories.campaign(acme_connection), subject=formula)
    ((_, *_rest), (_at, _way, _state, subject, *_others)) = exported(as_(viewer), "/admin/messaging/message/export/")
    assert subject == f"'{formula}" and restore(subject) == formula


def test_an_export_ends_at_the_counted_rows_and_page_and_file_name_say_so(viewer, acme_connection, monkeypatch):
    monkeypatch.setattr(base, "COUNTED_TO", 3)
    campaign = factories.campaign(acme_connection)
    for number in range(5):
        factories.message(campaign, f"lead{number}@lead.example")
    client = as_(viewer)
    assert b"Export the first 3 (CSV)" in client.get("/admin/messaging/message/").content
    answer = client.get("/admin/messaging/message/export/")
    assert "-first-3.csv" in answer["Content-Disposition"]
    assert len(exported(client, "/admin/messaging/message/export/")) == 4


def test_an_export_is_read_in_chunks_and_is_complete(viewer, acme_connection, monkeypatch):
    monkeypatch.setattr("accounts.admin.exports.CHUNK", 2)
    campaign = factories.campaign(acme_connection)
    for number in range(5):
        factories.message(campaign, f"lead{number}@lead.example")
    with rls.scope(rls.SYSTEM):
        assert Message.objects.count() == 5
    assert len(exported(as_(viewer), "/admin/messaging/message/export/")) == 6


def test_an_export_is_written_down_with_names_of_filters_only(viewer, acme_connection):
    factories.message(factories.campaign(acme_connection))
    exported(as_(viewer), "/admin/messaging/message/export/?q=lead@lead.example&o=1")
    with rls.scope(rls.SYSTEM):
        entry = AuditEntry.objects.get(action="admin.export")
    assert (entry.actor_name, entry.detail) == (
        viewer.email,
        {"list": "messaging.message", "rows": 1, "filters": ["q"]},
    )


def test_an_export_is_in_its_readers_language(viewer, acme_connection):
    factories.message(factories.campaign(acme_connection))
    type(viewer).objects.filter(pk=viewer.pk).update(language="de")
    head, row = exported(as_(viewer), "/admin/messaging/message/export/")
    with translation.override("de"):
        assert "Betreff" in head and "Gesendet" in row


@pytest.mark.parametrize("query", ["body_text__contains=x", "happened_at__gte=nonsense"], ids=["no filter", "no date"])
def test_an_unknown_filter_is_refused(viewer, acme_connection, query):
    assert as_(viewer).get(f"/admin/messaging/message/export/?{query}").status_code == 400


def test_customers_and_strangers_export_nothing(customer, acme_connection):
    for client in (as_(customer), Client()):
        assert client.get("/admin/messaging/message/export/").status_code == 302
