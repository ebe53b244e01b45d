"""Command prove_isolation: success, completeness, readable reports, and failure when it must."""

import json
import re

import pytest
from django.core.management import CommandError, call_command
from knox.models import get_token_model

from accounts.models import Invitation
from salesbrain import rls
from salesbrain.isolation import latest, prove, write
from salesbrain.isolation import proof as proof_module
from salesbrain.isolation.catalogue import compare, snapshot
from salesbrain.isolation.findings import Finding, Notes
from salesbrain.isolation.pages import check_routes, routes
from salesbrain.isolation.proof import MUST_BE_TRIED
from salesbrain.isolation.requests import document, operations
from salesbrain.rls.checks import protected_models


@pytest.fixture(scope="module")
def proved(world):
    """Run the proof in a newly created world: other test files may have left tokens and invitations with the marker words."""
    get_token_model().objects.all().delete()
    with rls.scope(rls.SYSTEM):
        Invitation.objects.filter(email__endswith="@customer.example").delete()
    return prove(world, real=snapshot())


def test_the_proof_holds(proved):
    assert [(finding.check, finding.where, finding.said) for finding in proved.findings] == []
    assert proved.live == "same"


def test_every_table_operation_and_page_was_tried(proved):
    assert {row["operation"] for row in proved.matrices["operations"]} == {
        entry.name for entry in operations(document())
    }
    assert {row["table"] for row in proved.matrices["tables"]} == {model._meta.db_table for model in protected_models()}
    admin = {route for route in routes() if route.startswith("admin/")}
    assert admin - {row["page"] for row in proved.matrices["pages"]} == set()
    assert all(proved.tries[name] for name in MUST_BE_TRIED)


def test_every_actor_received_rows_of_their_own(proved):
    shows = {(row["operation"], row["asker"]): row["shows"] for row in proved.matrices["operations"]}
    for side in ("A", "B"):
        assert shows["GET /api/instantly/campaigns", f"customer_{side.lower()}"] == side
        assert shows["GET /api/instantly/export/{kind}", f"customer_{side.lower()}"] == side
    assert shows["GET /api/instantly/campaigns", "sb_viewer"] == "AB"
    assert shows["GET /api/instantly/campaigns", "anonymous"] == "nothing"


def test_foreign_ids_were_compared_with_unknown_ones(proved):
    alike = {row["operation"]: row["alike"] for row in proved.matrices["operations"] if row["asker"] == "customer_a"}
    assert alike["GET /api/instantly/campaign/{campaign_id}"] >= 2  # the id in the path, and organization_id
    assert alike["GET /api/instantly/contacts"] >= 3  # organization_id, campaign_id and texts
    assert alike["DELETE /api/auth/tokens/{token_id}"] == 1


def test_both_files_can_be_read_without_anything_else(proved, tmp_path):
    as_json, as_html = write(proved, tmp_path / "proof")
    assert latest(tmp_path / "proof") == json.loads(as_json.read_text()) == json.loads(json.dumps(proved.as_data()))
    page = as_html.read_text()
    assert not re.search(r"<script|<link|<img|\ssrc=|@import|url\(|https?://", page)
    for word in (
        proved.version,
        proved.rules,
        "Nachweis der Trennung",
        "messaging_message",
        "GET /api/instantly/campaigns",
    ):
        assert word in page
    assert "✔" in page


def test_without_a_written_proof_latest_returns_none(tmp_path):
    assert latest(tmp_path) is None


def test_the_staff_page_shows_the_last_proof_or_the_command_to_run(proved, tmp_path, monkeypatch, client, viewer):
    monkeypatch.setattr("salesbrain.isolation.report.folder", lambda: tmp_path)
    client.force_login(viewer)
    assert "No proof here yet" in client.get("/admin/isolation/").content.decode()
    write(proved)
    page = client.get("/admin/isolation/")
    text = page.content.decode()
    assert "All checks passed" in text and f"{sum(proved.tries.values())} tries" in text.replace(",", "").replace(
        "\xa0", ""
    )
    assert "'unsafe-inline'" not in page["Content-Security-Policy"].partition("script-src")[2].partition(";")[0]
    assert proved.rules in client.get("/admin/isolation/?file").content.decode()


def test_failures_are_shown_on_the_page_escaped(proved, tmp_path):
    broken = proof_module.Proof(
        **{**vars(proved), "findings": [Finding("tables.select", "here", "<b>boo</b>")], "live": "different"}
    )
    page = write(broken, tmp_path)[1].read_text()
    assert "✘ 1 of" in page and "&lt;b&gt;boo&lt;/b&gt;" in page and "<b>boo" not in page and "has other rules" in page


def test_the_command_writes_both_files_and_prints_their_names(proved, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("salesbrain.management.commands.prove_isolation.prove_in_scratch", lambda compare: proved)
    call_command("prove_isolation", out=tmp_path)
    said = capsys.readouterr().out
    assert "All held." in said and str(tmp_path / "isolation.html") in said
    assert (tmp_path / "isolation.json").exists()


def test_the_command_fails_on_one_finding(proved, tmp_path, monkeypatch, capsys):
    broken = proof_module.Proof(
        **{**vars(proved), "findings": [Finding("operations.foreign", "GET /x", "shows what is B's")]}
    )
    monkeypatch.setattr("salesbrain.management.commands.prove_isolation.prove_in_scratch", lambda compare: broken)
    with pytest.raises(CommandError, match="1 tries did not hold"):
        call_command("prove_isolation", out=tmp_path)
    assert "operations.foreign: GET /x: shows what is B's" in capsys.readouterr().err


def test_a_folder_that_cannot_be_written_is_named(proved, tmp_path, monkeypatch):
    monkeypatch.setattr("salesbrain.management.commands.prove_isolation.prove_in_scratch", lambda compare: proved)
    (tmp_path / "file").write_text("")
    with pytest.raises(CommandError, match="could not be written"):
        call_command("prove_isolation", out=tmp_path / "file")


def test_a_different_catalogue_is_reported(world):
    proved = snapshot()
    real = {**proved, "policies": [row for row in proved["policies"] if row[0] != "messaging_message"]}
    said = compare(proved, real)
    assert len(said) == 5 and all("missing here" in line and "messaging_message" in line for line in said)


def test_an_untried_address_is_a_finding(monkeypatch):
    monkeypatch.setattr("salesbrain.isolation.pages.routes", lambda: ["api/instantly/hidden", "healthz"])
    notes = Notes()
    check_routes(notes)
    assert [(finding.check, finding.where) for finding in notes.findings] == [
        ("routes.covered", "api/instantly/hidden")
    ]


def test_a_table_without_rows_of_both_is_a_finding(world, monkeypatch):
    monkeypatch.setitem(world.a.rows, "messaging_message", [])
    assert world.empty_tables() == ["messaging_message"]
