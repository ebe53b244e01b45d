"""Management commands on connections, called as on a command line: output, effects, exit codes."""

import csv
import hashlib
import io
import json
from io import StringIO

import orjson
import pytest
from django.core.management import CommandError, call_command

from accounts.models import AuditEntry, ProviderConnection, WebhookSecret
from campaigns.models import Campaign
from instantly.processing.batch import process_pending
from instantly.sync.lock import connection_lock
from instantly.webhooks.store import store_raw
from salesbrain import rls
from tests import factories

pytestmark = pytest.mark.django_db

EVERY = (
    "sync_workspace",
    "register_webhook",
    "resume_webhook",
    "send_test_webhook",
    "test_instantly",
    "explore_instantly",
    "reconcile_feed",
)


def run(name, *arguments, **options):
    out = StringIO()
    call_command(name, *arguments, stdout=out, stderr=StringIO(), **options)
    return out.getvalue()


def run_json(name, *arguments):
    return json.loads(run(name, *arguments, "--json"))


@pytest.fixture
def space(acme_connection, workspace):
    return workspace(acme_connection)


@pytest.mark.parametrize("name", EVERY)
def test_every_command_has_help_with_an_example(name, capsys):
    with pytest.raises(SystemExit):
        call_command(name, "--help")
    assert "Example: manage.py" in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize("name", EVERY)
def test_a_connection_that_does_not_exist_is_named_with_those_that_do(name, acme_connection):
    with pytest.raises(CommandError, match="There is no connection nowhere. There are: acme"):
        run(name, "--connection", "nowhere")


def test_sync_workspace_prints_its_counts(space, acme_connection):
    said = run("sync_workspace", "--connection", "acme")
    assert "campaigns: 7 listed, 7 imported, 0 unchanged, 0 errors" in said
    (result,) = run_json("sync_workspace", "--connection", "acme")["connections"]
    assert (result["campaigns_imported"], result["campaigns_unchanged"], result["accounts_updated"]) == (0, 7, 0)


def test_sync_workspace_continues_after_a_failure_and_exits_with_1(space, acme_connection, globex_connection):
    with pytest.raises(CommandError) as end:
        run("sync_workspace", "--all")  # globex has no workspace there: its key is refused
    assert end.value.returncode == 1 and str(end.value) == "1 of 2 connections did not succeed."
    with rls.scope(rls.SYSTEM):
        assert Campaign.objects.count() == 7


def test_a_sync_that_is_running_already_ends_with_75(space, acme_connection):
    with connection_lock(acme_connection.pk, "acme"), pytest.raises(CommandError) as end:
        run("sync_workspace", "--connection", "acme")
    assert end.value.returncode == 75


def test_an_inactive_or_keyless_connection_is_reported(acme_connection):
    with rls.scope(rls.SYSTEM):
        ProviderConnection.objects.update(is_active=False)
    with pytest.raises(CommandError):
        run_json("sync_workspace", "--connection", "acme")
    with pytest.raises(CommandError, match="no active connection"):
        run("sync_workspace", "--all")


def test_register_webhook_is_idempotent_and_corrects(space, acme_connection, settings):
    assert "webhook created" in run("register_webhook", "--connection", "acme")
    assert "webhook unchanged" in run("register_webhook", "--connection", "acme")
    (webhook,) = list(space.webhooks)
    with rls.scope(rls.SYSTEM):
        secret = WebhookSecret.objects.get(connection=acme_connection).secret
    assert webhook["headers"] == {"X-Webhook-Secret": secret}
    assert (webhook["event_type"], webhook["target_hook_url"]) == ("all_events", settings.INSTANTLY_WEBHOOK_URL)

    webhook.update(event_type="email_sent", headers={"X-Webhook-Secret": "somebody else's", "X-More": "kept"})
    assert "webhook updated" in run("register_webhook", "--connection", "acme")
    assert webhook["event_type"] == "all_events"
    assert webhook["headers"] == {"X-Webhook-Secret": secret, "X-More": "kept"}
    settings.INSTANTLY_WEBHOOK_URL = "http://127.0.0.1:9999/webhooks/instantly/webhook"
    assert "webhook updated" in run("register_webhook", "--connection", "acme")
    assert [row["target_hook_url"] for row in space.webhooks] == [settings.INSTANTLY_WEBHOOK_URL]


def test_register_webhook_switches_a_disabled_one_on(space, acme_connection):
    run("register_webhook", "--connection", "acme")
    (webhook,) = list(space.webhooks)
    webhook["status"] = -1
    assert "and resumed" in run("register_webhook", "--connection", "acme")
    assert webhook["status"] == 1


def test_register_webhook_tried_dry_changes_nothing(space, acme_connection):
    assert "would be: webhook created" in run("register_webhook", "--connection", "acme", "--dry-run")
    assert list(space.webhooks) == []
    with rls.scope(rls.SYSTEM):
        assert not WebhookSecret.objects.exists()


def test_an_unreachable_webhook_url_is_refused(acme_connection, settings):
    settings.INSTANTLY_BASE_URL = "https://api.instantly.example"
    (result,) = json.loads(_failing("register_webhook", "--connection", "acme", "--json", "--dry-run"))["connections"]
    assert "cannot reach" in result["error"]


@pytest.mark.parametrize(
    "url",
    [
        "http://sales.example.com/webhooks/instantly/webhook",
        "HTTP://sales.example.com/webhooks/instantly/webhook",
        "http://8.8.8.8/webhooks/instantly/webhook",
        "ftp://sales.example.com/x",
        "sales.example.com/webhooks/instantly/webhook",
    ],
)
def test_a_webhook_url_without_https_is_refused(space, acme_connection, settings, url):
    settings.INSTANTLY_WEBHOOK_URL = url
    (result,) = json.loads(_failing("register_webhook", "--connection", "acme", "--json"))["connections"]
    assert "https://" in result["error"] and "Nothing was registered" in result["error"]
    assert list(space.webhooks) == []


def _failing(name, *arguments):
    out = StringIO()
    with pytest.raises(CommandError):
        call_command(name, *arguments, stdout=out, stderr=StringIO())
    return out.getvalue()


def test_resume_webhook_resumes_only_a_disabled_webhook(space, acme_connection):
    run("register_webhook", "--connection", "acme")
    assert "is on already" in run("resume_webhook", "--connection", "acme")
    (webhook,) = list(space.webhooks)
    webhook["status"] = -1
    assert "would be resumed" in run("resume_webhook", "--connection", "acme", "--dry-run")
    assert webhook["status"] == -1
    assert "webhook resumed" in run("resume_webhook", "--connection", "acme")
    assert webhook["status"] == 1


def test_send_test_webhook_prints_the_outcome(space, instantly, acme_connection):
    run("register_webhook", "--connection", "acme")
    said = _failing("send_test_webhook", "--connection", "acme")
    assert "test failed" in said


def test_test_instantly_passes_for_a_working_connection(space, acme_connection):
    run("sync_workspace", "--connection", "acme")
    run("register_webhook", "--connection", "acme")
    said = run("test_instantly", "--connection", "acme")
    for step in ("client", "connection", "workspace", "campaigns", "email accounts", "webhook", "scopes", "latency"):
        assert step in said
    assert "All steps passed." in said and acme_connection.api_key not in said


def test_test_instantly_names_failing_checks(space, instantly, acme_connection):
    instantly.add_key(space.id, acme_connection.api_key, scopes=["workspaces:read", "campaigns:read"])
    (result,) = json.loads(_failing("test_instantly", "--connection", "acme", "--json"))["connections"]
    outcomes = {step["step"]: step["ok"] for step in result["steps"]}
    assert outcomes["campaigns"] and not outcomes["email accounts"] and not outcomes["scopes"]
    scopes = next(step for step in result["steps"] if step["step"] == "scopes")
    assert "accounts:read" in scopes["detail"]


def test_explore_instantly_lists_unmapped_fields(space, acme_connection):
    row = next(iter(space.campaigns))
    row["brand_new_field"], row["status"] = "x", 17
    (result,) = run_json("explore_instantly", "--connection", "acme")["connections"]
    probes = {probe["name"]: probe for probe in result["probes"]}
    assert "brand_new_field" in probes["campaigns"]["unmapped"]
    assert probes["campaigns"]["unknown_values"] == {"status": [17]}
    assert (probes["campaigns"]["shape"], probes["campaigns"]["items"]) == ("page", 7)
    assert probes["campaign"]["outcome"] == "ok" and probes["lead"]["outcome"] == "skipped"
    assert not [probe for probe in result["probes"] if probe["outcome"] == "failed"]
    assert "v1" in result["v1"]


@pytest.fixture
def key_on_stdin(monkeypatch):
    return lambda key: monkeypatch.setattr("sys.stdin", StringIO(f"{key}\n"))


def test_connect_workspace_stores_and_pins(instantly, acme, key_on_stdin):
    access = instantly.add_workspace("Acme Inc")
    key_on_stdin(access.key)
    said = run("connect_workspace", "acme", "--organization", "acme")
    assert access.id in said and access.key not in said
    with rls.scope(rls.SYSTEM):
        connection = ProviderConnection.objects.get(name="acme")
        assert (connection.organization_id, connection.workspace_id, connection.status) == (
            acme.pk,
            access.id,
            "working",
        )
        assert connection.api_key == access.key and connection.webhook_secrets.count() == 1
        audit = AuditEntry.objects.get(action="connection.create")
    assert access.key not in str(audit.detail)


def test_connect_workspace_refuses_invalid_combinations(instantly, acme, acme_connection, key_on_stdin):
    first = instantly.add_workspace("first", id=acme_connection.workspace_id, key=acme_connection.api_key)
    key_on_stdin("")
    with pytest.raises(CommandError, match="No key was given"):
        run("connect_workspace", "other", "--shared")
    key_on_stdin("not-a-key-of-anybody")
    with pytest.raises(CommandError, match="does not accept the API key"):
        run("connect_workspace", "other", "--shared")
    key_on_stdin(first.key)
    with pytest.raises(CommandError, match="connected already"):
        run("connect_workspace", "other", "--shared")
    with pytest.raises(CommandError, match="exists; give --replace"):
        key_on_stdin(first.key)
        run("connect_workspace", "acme", "--shared")
    second = instantly.add_workspace("second")
    key_on_stdin(second.key)
    with pytest.raises(CommandError, match="pinned to"):
        run("connect_workspace", "acme", "--replace")
    with rls.scope(rls.SYSTEM):
        assert ProviderConnection.objects.get().api_key == acme_connection.api_key


def test_a_replaced_key_must_open_the_same_workspace(instantly, acme_connection, key_on_stdin):
    instantly.add_workspace("acme", id=acme_connection.workspace_id, key=acme_connection.api_key)
    instantly.add_key(acme_connection.workspace_id, "a-second-key-of-acme")
    key_on_stdin("a-second-key-of-acme")
    run("connect_workspace", "acme", "--replace")
    with rls.scope(rls.SYSTEM):
        assert ProviderConnection.objects.get().api_key == "a-second-key-of-acme"


def test_a_sub_workspace_is_reached_with_the_admins_key(instantly, acme, key_on_stdin):
    admin, sub = instantly.add_workspace("admin"), instantly.add_workspace("sub", campaigns=["Only here"])
    instantly.add_sub_workspace(admin.id, sub.id)
    key_on_stdin(admin.key)
    run("connect_workspace", "acme", "--organization", "acme", "--acts-as", sub.id)
    run("sync_workspace", "--connection", "acme")
    with rls.scope(rls.SYSTEM):
        assert ProviderConnection.objects.get().workspace_id == sub.id
        assert [campaign.name for campaign in Campaign.objects.all()] == ["Only here"]


def test_assign_campaign_gives_it_away_and_back(acme, house, shared_connection):
    campaign = factories.campaign(shared_connection, "Q3 Outbound")
    assert "is Acme's now" in run("assign_campaign", "Q3 Outbound", "acme")
    assert "was Acme's already" in run("assign_campaign", str(campaign.pk), "Acme")
    assert "is House's now" in run("assign_campaign", campaign.provider_id, "house")
    with pytest.raises(CommandError, match="There is no organization nobody"):
        run("assign_campaign", "Q3 Outbound", "nobody")
    factories.campaign(shared_connection, "Q3 Outbound")
    with pytest.raises(CommandError, match="Several campaigns are called"):
        run("assign_campaign", "Q3 Outbound", "acme")


def test_assign_campaign_refuses_a_dedicated_workspaces(acme_connection, globex):
    factories.campaign(acme_connection, "Hers")
    with pytest.raises(CommandError, match="dedicated to another organization"):
        run("assign_campaign", "Hers", "globex")


@pytest.fixture
def some_data(acme_connection, globex_connection):
    for connection, lead in ((acme_connection, "=cmd()@lead.example"), (globex_connection, "hers@lead.example")):
        campaign = factories.campaign(connection, "=SUM(A1)")
        body = {
            "timestamp": "2026-07-10T12:00:00.000Z",
            "event_type": "email_sent",
            "workspace": connection.workspace_id,
            "campaign_id": campaign.provider_id,
            "lead_email": lead,
            "step": 1,
            "variant": 1,
            "email_subject": "Zürich",
        }
        with rls.scope(rls.SYSTEM):
            store_raw(connection.pk, orjson.dumps(body))
    process_pending()


@pytest.mark.parametrize("form", ["json", "ndjson", "csv"])
def test_export_writes_an_organizations_own_with_a_manifest_that_fits(form, some_data, tmp_path):
    run("export_instantly", "--organization", "acme", "--output", str(tmp_path / "out"), "--format", form)
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    for file in manifest["files"]:
        data = (tmp_path / "out" / file["name"]).read_bytes()
        assert (hashlib.sha256(data).hexdigest(), len(data)) == (file["sha256"], file["bytes"])
    text = {file["name"].split(".")[0]: (tmp_path / "out" / file["name"]).read_text() for file in manifest["files"]}
    rows = {file["name"].split(".")[0]: file["rows"] for file in manifest["files"]}
    assert (rows["campaigns"], rows["contacts"], rows["messages"], rows["events"]) == (1, 1, 1, 1)
    assert "Zürich" in text["messages"] and "hers@lead.example" not in "".join(text.values())
    if form == "json":
        assert json.loads(text["messages"])[0]["subject"] == "Zürich" and json.loads(text["email_accounts"]) == []
    if form == "csv":
        (line,) = csv.DictReader(io.StringIO(text["campaigns"]))
        assert line["name"] == "'=SUM(A1)", "no formula for a spreadsheet"


def test_export_of_a_connection_and_of_all(some_data, tmp_path):
    manifests = run_json("export_instantly", "--connection", "globex", "--output", str(tmp_path / "one"))["exports"]
    assert [manifest["connection"] for manifest in manifests] == ["globex"]
    assert "hers@lead.example" in (tmp_path / "one" / "contacts.ndjson").read_text()
    run("export_instantly", "--all", "--output", str(tmp_path / "all"))
    assert sorted(path.name for path in (tmp_path / "all").iterdir()) == ["acme", "globex"]
    with pytest.raises(CommandError, match="exists already"):
        run("export_instantly", "--all", "--output", str(tmp_path / "all"))


def test_reconcile_feed_prints_the_time_since_which_the_feed_is_complete(space, acme_connection):
    run("sync_workspace", "--connection", "acme")
    run("register_webhook", "--connection", "acme")
    assert "complete since" in run("reconcile_feed", "--connection", "acme")


@pytest.mark.parametrize("day", ["0001-01-01", "1999-12-31", "tomorrow", "2026-02-30"])
def test_reconcile_feed_refuses_a_day_before_there_was_anything(space, day):
    with pytest.raises(CommandError, match="is no day since 2000-01-01"):
        run("reconcile_feed", "--connection", "acme", "--since", day)
