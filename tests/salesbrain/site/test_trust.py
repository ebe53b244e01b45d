"""Trust page of a customer: comparison, completeness, proof, who read what, and its files."""

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import AuditEntry
from campaigns.models import Campaign
from instantly.models import StaffAction, SyncRun
from instantly.monitoring.feed_health import Feed, gaps_of
from instantly.trust import reason_of
from salesbrain import rls
from tests import factories
from tests.factories import NOON
from tests.salesbrain.site.test_admin_isolation import PROOF

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(viewer: Any, settings: Any, tmp_path: Any) -> Client:
    settings.LOCAL_DIR = tmp_path
    (tmp_path / "isolation").mkdir()
    (tmp_path / "isolation" / "isolation.json").write_text(json.dumps({**PROOF, "holds": True, "findings": []}))
    client = Client()
    client.force_login(viewer)
    return client


def address(organization: Any, file: str = "") -> str:
    return reverse("admin:trust", args=[organization.pk]) + (f"?file={file}" if file else "")


def text(client: Client, organization: Any) -> str:
    answer = client.get(address(organization))
    assert answer.status_code == 200
    return answer.content.decode()


def table(client: Client, organization: Any, file: str) -> list[list[str]]:
    answer = client.get(address(organization, file))
    assert answer.status_code == 200 and answer["Content-Type"].startswith("text/csv")
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))


@pytest.fixture
def compared(shared_connection: Any, acme: Any, globex: Any) -> Any:
    """A comparison of a shared workspace: one campaign of Acme's differs, another does not, and Globex's differs too."""
    bad = factories.campaign(shared_connection, "Acme bad", acme, provider_id="bad")
    factories.campaign(shared_connection, "Acme good", acme, provider_id="good")
    factories.campaign(shared_connection, "Globex secret launch", globex, provider_id="other")
    differ = [
        {"campaign": id, "name": name, "in_flight": [], "figures": {
            "sent": {"local": ours, "instantly": 100, "delta": ours - 100},
            "leads_opened": {"local": 1, "instantly": None, "delta": None}}}
        for id, name, ours in (("bad", "Acme bad", 90), ("other", "Globex secret launch", 1))
    ]  # fmt: skip
    result = {
        "differ": differ, "compared": 3, "stats": ["sent", "leads_opened"],
        "figures": {"bad": [[90, 100], [1, None]], "good": [[7, 7], [2, None]], "other": [[1, 100], [0, None]]},
    }  # fmt: skip
    with rls.scope(rls.SYSTEM):
        StaffAction.objects.create(
            kind="drift", connection=shared_connection, target_name="shared", actor_name="op", state="done", finished_at=NOON,
            result=result,
        )  # fmt: skip
    return bad


def complete(connection: Any, **facts: Any) -> None:
    with rls.scope(rls.SYSTEM):
        SyncRun.objects.create(
            connection=connection, trigger="reconcile", status="succeeded", started_at=NOON, finished_at=NOON,
            counts={"complete_since": "2026-07-01T00:00:00+00:00", **facts},
        )  # fmt: skip


def test_stats_stand_beside_instantlys_with_the_difference_and_its_reason(client, acme, compared, shared_connection):
    complete(shared_connection)
    page = text(client, acme)
    assert "complete since 2026-07-01 00:00 UTC" in page and "Compared on 2026-07-10 12:00 UTC" in page
    assert '<td class="sb-num">97</td><td class="sb-num">107</td><td class="sb-num sb-alarm">-10</td>' in page, (
        "all campaigns"
    )
    assert "Acme bad" in page and "No reason is known" in page


def test_the_trust_page_and_its_files_show_nothing_of_another_customer(
    client, acme, globex, compared, shared_connection, operator
):
    other = factories.conversation(factories.contact(globex, "secret@globex.example"))
    factories.access_entry(other, operator, party="agency", actor_name="Olga")
    shown = text(client, acme) + str(table(client, acme, "stats")) + str(table(client, acme, "access"))
    assert "secret" not in shown.casefold() and "Olga" not in shown and str(other.pk) not in shown
    assert "Globex secret launch" in text(client, globex)


REASONS = [
    ({"complete": False}, "Gap repair has not succeeded yet"),
    ({"gaps": [{"from": "2026-07-02T00:00:00", "until": "2026-07-03T00:00:00", "filled": False, "missing": "x"}]}, "not fetched yet"),
    ({}, "No reason is known"),
]  # fmt: skip


@pytest.mark.parametrize(("facts", "reason"), REASONS, ids=["never repaired", "open gap", "none known"])
def test_a_difference_has_the_reason_that_the_feed_knows(client, acme, compared, shared_connection, facts, reason):
    if facts.pop("complete", True):
        complete(shared_connection, **facts)
    assert reason in text(client, acme)


@pytest.mark.parametrize(
    ("row", "facts", "reason"),
    [
        ({"in_flight": ["leads_opened"]}, {}, "still changing"),
        ({}, {"undated": {"opens": 4}}, "counts 4 of these without saying when"),
        ({}, {"gaps": [{"from": "2026-07-02", "until": "2026-07-03", "filled": True, "missing": "opens"}]}, "does not keep"),
    ],
    ids=["in flight", "undated", "lost"],
)  # fmt: skip
def test_missing_opens_have_reasons_of_their_own(row, facts, reason):
    told = {"figures": {"leads_opened": {"local": 1, "instantly": 5, "delta": -4}}, **row}
    feed = Feed(uuid4(), "working", None, None, None, NOON, gaps_of(facts), facts.get("undated", {}))
    assert reason in reason_of("leads_opened", told, feed)


def test_accesses_by_the_agency_are_listed_and_those_by_the_team_are_not(
    client, acme, acme_connection, operator, customer
):
    conversation = factories.conversation(factories.contact(acme))
    now = datetime.now(UTC)
    factories.access_entry(conversation, operator, party="agency", actor_name="Olga Operator", at=now)
    factories.access_entry(
        conversation, operator, party="agency", actor_name="Olga Operator", at=now - timedelta(days=1)
    )
    factories.access_entry(conversation, customer, party="team", actor_name="Tina Team", at=now)
    answer = client.get(address(acme))
    (reader,) = answer.context["readers"]
    assert (reader["actor_name"], reader["times"], reader["conversations"]) == ("Olga Operator", 2, 1)
    assert "Tina" not in answer.content.decode() and str(conversation.pk) in answer.content.decode()
    assert [row[1] for row in table(client, acme, "access")] == ["Who", "Olga Operator", "Olga Operator"]


def test_the_last_isolation_proof_is_shown(client, acme, tmp_path):
    assert "All checks passed" in text(client, acme)
    (tmp_path / "isolation" / "isolation.json").write_text(json.dumps(PROOF))
    assert "1 check failed" in text(client, acme)
    (tmp_path / "isolation" / "isolation.json").unlink()
    assert "manage.py prove_isolation" in text(client, acme)


def test_the_stats_are_a_table_for_a_spreadsheet_and_the_export_is_written_down(client, acme, compared, viewer):
    head, *rows = table(client, acme, "stats")
    assert head[0] == "Workspace" and rows[0][3:8] == ["all", "Sent", "97", "107", "-10"]
    assert [row[3] for row in rows] == ["all", "all", "Acme bad"]
    with rls.scope(rls.SYSTEM):
        entry = AuditEntry.objects.get(action="trust.export")
    assert (entry.actor_id, entry.organization_id, entry.detail["file"]) == (viewer.pk, acme.pk, "stats")


def test_a_name_that_is_a_formula_is_neutralized_in_the_file(client, acme, compared):
    with rls.scope(rls.SYSTEM):
        Campaign.objects.filter(pk=compared.pk).update(name="=cmd|'/c calc'!A1")
    assert table(client, acme, "stats")[-1][3] == "'=cmd|'/c calc'!A1"


def test_customers_and_visitors_do_not_see_the_trust_page_and_other_files_do_not_exist(client, customer, acme):
    logged_in = Client()
    logged_in.force_login(customer)
    for file in ("", "stats", "access"):
        assert [one.get(address(acme, file)).status_code for one in (Client(), logged_in)] == [302, 302]
    assert client.get(address(acme, "everything")).status_code == 404
    assert client.get(reverse("admin:trust", args=["00000000-0000-4000-8000-000000000000"])).status_code == 404


def test_the_trust_page_costs_a_bounded_number_of_statements(client, acme, compared, shared_connection):
    complete(shared_connection)
    text(client, acme)
    with CaptureQueriesContext(connection) as captured:
        text(client, acme)
    few = len(captured)
    for number in range(4):
        other = factories.connection(f"more-{number}", acme)
        factories.campaign(other, f"More {number}")
    with CaptureQueriesContext(connection) as captured:
        text(client, acme)
    assert len(captured) <= few <= 16, few


def test_the_page_of_the_organization_leads_to_it(client, acme):
    page = client.get(reverse("admin:accounts_organization_change", args=[acme.pk])).content.decode()
    assert address(acme) in page
