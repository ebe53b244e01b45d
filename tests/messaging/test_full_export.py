"""Full export of an organization: a rule for every column, and files that can be read back."""

import csv
import io
import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.apps import apps
from django.db.models import BinaryField
from django.utils import timezone

from accounts.models import Organization
from messaging import full_export
from messaging.models import (
    CategoryCorrection,
    ContactLabel,
    ContactScore,
    ContactVariables,
    Goal,
    MessageCategory,
    Note,
    SuggestionDecision,
    Suppression,
)
from salesbrain import rls
from salesbrain.exporting import restore, rows
from salesbrain.rls.models import TenantModel
from tests import factories

AWKWARD = '=1;@2\u2028"three",\r\n- four\tZürich '
DIGEST = bytes(range(32))


@pytest.fixture
def furnished(acme_connection: Any, globex_connection: Any, monkeypatch: Any) -> None:
    """Create rows of every exported kind for Acme and for Globex; exports read two rows per page."""
    monkeypatch.setattr(rows, "PAGE", 2)
    for number, connection in enumerate((acme_connection, globex_connection)):
        campaign = factories.campaign(
            connection, AWKWARD, digest=DIGEST, sequences=[{"body": AWKWARD}], senders=["-a@b.example"]
        )
        account = factories.email_account(connection, f"sender{number}@s.example", warmup_score=-1.5, digest=DIGEST)
        for lead in range(5):
            mail = factories.message(campaign, f"lead{lead}-{number}@lead.example", subject=AWKWARD, body_text="a;=b")
        judged = {"organization_id": connection.organization_id, "category": "meeting", "predicted": "question"}
        with rls.scope(rls.SYSTEM):
            MessageCategory.objects.create(
                id=mail.pk,
                p=0.75,
                candidates=["question", "meeting"],
                source="staff",
                version="v",
                reason={"quote": AWKWARD},
                **judged,
            )
            CategoryCorrection.objects.create(id=mail.pk, corrected_at=factories.NOON, **judged)
        for event in (1 + number, 11 + number):  # two of one person, who comes once
            person = factories.contact(connection.organization, f"lead0-{number}@lead.example")
            factories.event(
                campaign,
                event,
                contact=person,
                lead_email=person.email,
                position=event,
                payload={"said": AWKWARD, "n": [1]},
            )
        factories.conversation(person, is_untracked=True, category="interested", done_reason=AWKWARD, chosen_seen=1)
        writer = factories.customer(f"writer{number}@acme.example", connection.organization)
        factories.outbox_message(person, writer, text=AWKWARD, cc=[AWKWARD])
        with rls.scope(rls.SYSTEM):
            Goal.objects.create(organization=connection.organization, month="2026-07-01", metric="meetings", target=30)
            ContactScore.objects.create(
                id=person.pk,
                organization=connection.organization,
                band="B1",
                points=12,
                version="1",
                scored_at=factories.NOON,
            )
            SuggestionDecision.objects.create(
                organization=connection.organization, contact=person, key="k", kind="answer", decision="dismissed", why=AWKWARD,
                user_name=AWKWARD, decided_at=factories.NOON,
            )  # fmt: skip
        factories.snippet(connection.organization, AWKWARD, AWKWARD)
        with rls.scope(rls.SYSTEM):
            Note.objects.filter(contact=person).update(text=AWKWARD)
            ContactLabel.objects.filter(contact=person).update(name=AWKWARD)
            ContactVariables.objects.create(
                id=person.pk, organization_id=connection.organization_id, campaign=campaign, variables={"said": AWKWARD, "n": 1.5},
                told_at=factories.NOON,
            )  # fmt: skip
        factories.daily_stats(campaign, sent=5, interested=-1, email_account=account.address)
        with rls.scope(rls.SYSTEM):
            Suppression.objects.create(
                organization_id=connection.organization_id, email=f"no{number}@lead.example", reason="unsubscribed",
                first_at=factories.NOON, last_at=factories.NOON,
            )  # fmt: skip


def as_json(value: Any) -> Any:
    """Return a column's value in JSON form."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    if isinstance(value, UUID | date):
        return str(value)
    return value


def stored(kind: full_export.Kind, organization: Organization) -> list[dict[str, Any]]:
    with rls.scope(rls.SYSTEM):
        found = kind.model._default_manager.filter(organization=organization).order_by("pk").values(*kind.columns)
        return [{name: as_json(value) for name, value in row.items()} for row in found]


def of_json(text: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(text)
    return rows


def of_lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def of_csv(text: str) -> list[dict[str, Any]]:
    return [
        {name: restore(cell) for name, cell in row.items()} for row in csv.DictReader(io.StringIO(text, newline=""))
    ]


def as_cell(value: Any) -> str:
    """Return a CSV cell's value without escaping apostrophes."""
    if value is None:
        return ""
    if isinstance(value, bool | list | dict):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return str(value)


READERS: dict[str, Callable[[str], list[dict[str, Any]]]] = {"json": of_json, "ndjson": of_lines, "csv": of_csv}


@pytest.mark.parametrize("form", READERS)
def test_every_file_is_read_back_equal_to_its_table(form: str, furnished: None, acme: Any, tmp_path: Path) -> None:
    manifest = full_export.export(tmp_path / "out", form=form, now=timezone.now(), organization=acme)
    assert manifest == json.loads((tmp_path / "out" / "manifest.json").read_text())
    for kind, file in zip(full_export.KINDS, manifest["files"], strict=True):
        expected = stored(kind, acme)
        if form == "csv":
            expected = [{name: as_cell(value) for name, value in row.items()} for row in expected]
        text = (tmp_path / "out" / file["name"]).read_bytes().decode()
        assert READERS[form](text) == expected, kind.name
        assert (file["rows"], file["columns"]) == (len(expected), kind.columns) and expected, kind.name


def test_a_negative_figure_is_a_number_in_a_table(furnished: None, acme: Any, tmp_path: Path) -> None:
    full_export.export(tmp_path / "out", form="csv", now=timezone.now(), organization=acme)
    (row,) = of_csv((tmp_path / "out" / "daily_stats.csv").read_bytes().decode())
    (account,) = of_csv((tmp_path / "out" / "email_accounts.csv").read_bytes().decode())
    assert (row["interested"], account["warmup_score"]) == ("-1", "-1.5")


def test_an_export_of_a_connection_has_its_workspaces_rows_once(
    furnished: None, acme_connection: Any, tmp_path: Path
) -> None:
    manifest = full_export.export(tmp_path / "out", form="ndjson", now=timezone.now(), connection=acme_connection)
    counted = {file["name"].removesuffix(".ndjson"): file["rows"] for file in manifest["files"]}
    assert counted == {
        "campaigns": 1, "email_accounts": 1, "contacts": 1, "contact_variables": 1, "messages": 5, "events": 2, "daily_stats": 1
    }  # fmt: skip
    assert "-1@lead.example" not in "".join(path.read_text() for path in (tmp_path / "out").iterdir())


RULES = [(kind.name, kind) for kind in full_export.KINDS]


@pytest.mark.parametrize(("name", "kind"), RULES)
def test_every_internal_name_is_a_column_and_has_a_reason(name: str, kind: full_export.Kind) -> None:
    fields = {field.attname: field for field in kind.model._meta.concrete_fields}
    assert set(kind.internal) <= set(fields) and all(kind.internal.values())
    assert not [column for column in kind.columns if isinstance(fields[column], BinaryField)], "bytes have no JSON form"


EXPORTED = {
    "campaigns": """id organization_id connection_id provider provider_id name status status_code status_at not_sending daily_limit
        open_tracking link_tracking schedule sequences senders leads_count contacted_count completed_count assigned_at
        provider_created_at provider_updated_at synced_at
        missing_since created_at updated_at""",
    "email_accounts": """id organization_id connection_id provider provider_id address first_name last_name status status_code status_at
        status_reason warmup_status warmup_status_code warmup_limit warmup_score daily_limit sending_gap mail_provider mail_provider_code
        smtp_host imap_host provider_created_at provider_updated_at synced_at missing_since created_at updated_at""",
    "contacts": """id organization_id email first_name last_name company phone website interest interest_at staff_interest
        staff_interest_at first_seen_at replied_at bounced_at unsubscribed_at complained_at meeting_at created_at updated_at""",
    "contact_variables": "id organization_id campaign_id variables left_out told_at updated_at",
    "categories": """id organization_id category predicted p candidates source rule reason decided_at asks asks_on asks_address
        asks_words""",
    "category_corrections": "id organization_id category predicted corrected_at user_id",
    "suppressions": """id organization_id email reason detail first_at last_at lifted_at lifted_by lift_reason created_at updated_at""",
    "messages": """id organization_id campaign_id contact_id direction is_auto_reply step variant email_account email_id thread_id subject
        kind is_unread body_text body_html reply_text happened_at sent_at opened_at clicked_at replied_at bounced_at open_count
        click_count machine_open_count machine_click_count created_at updated_at""",
    "conversations": """id organization_id state done_reason snoozed_until last_inbound_at last_human_at last_outbound_at last_mail_at
        waiting_since is_unread is_untracked category assignee_id version created_at updated_at""",
    "notes": "id organization_id contact_id text author_id author_name created_at updated_at",
    "labels": "id organization_id contact_id name created_at updated_at",
    "replies": """id organization_id contact_id state author_id author_name text cc version connection_id email_account answered_id
        answered_email_id thread_id subject queued_at undo_until send_at sending_at sent_at email_id attempts created_at updated_at""",
    "scores": "id organization_id band points excluded version scored_at",
    "suggestion_decisions": "id organization_id contact_id kind decision why on user_id user_name decided_at created_at updated_at",
    "goals": "id organization_id month metric target created_at updated_at",
    "snippets": "id organization_id name text created_at updated_at",
    "events": """id organization_id connection_id campaign_id contact_id message_id type detail origin happened_at recorded_at position
        copy_of step variant email_account email_id lead_email first_name last_name company interest payload""",
    "daily_stats": """id organization_id campaign_id email_account day step variant messages sent replies auto_replies bounces unique_opens
        unique_clicks unique_replies machine_opens machine_clicks unique_machine_opens unique_machine_clicks opens clicks unsubscribes
        complaints interested not_interested meetings""",
}


@pytest.mark.parametrize(("name", "kind"), RULES)
def test_a_new_column_is_exported_or_internal_by_decision(name: str, kind: full_export.Kind) -> None:
    """Name a new column here, or in the `internal` of its Kind with the reason."""
    assert set(kind.columns) == set(EXPORTED[name].split())


def test_a_table_of_organizations_is_exported_or_not_by_decision() -> None:
    """Give a new table a Kind, or name it in NOT_EXPORTED with the reason."""
    exported = {kind.model for kind in full_export.KINDS}
    assert not exported & set(full_export.NOT_EXPORTED) and all(full_export.NOT_EXPORTED.values())
    assert {model for model in apps.get_models() if issubclass(model, TenantModel)} == exported | set(
        full_export.NOT_EXPORTED
    )
