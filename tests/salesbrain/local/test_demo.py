"""Commands load_demo and welcome: data of a fresh `make run`, safe to repeat."""

import json
import stat
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accounts.models import EmailAccount, Membership, Organization, ProviderConnection, User, WebhookSecret
from campaigns.models import Campaign
from instantly.choices import AlertKind
from instantly.emulator import FakeInstantly
from instantly.emulator.entry_points.server import EmulatorServer
from instantly.emulator.entry_points.workspace_file import WorkspaceFile as WorkspaceFile
from instantly.models import Alert
from instantly.reconciliation.service import reconcile_connection
from salesbrain import rls
from salesbrain.local import demo

pytestmark = pytest.mark.django_db


@pytest.fixture
def first_run(settings, tmp_path):
    """A checkout before its first `make run`."""
    settings.EMBEDDED_DATABASE, settings.DEMO, settings.INSTANTLY_API_KEY = True, True, ""
    settings.LOCAL_DIR = tmp_path / ".local"
    return settings


def load():
    out = StringIO()
    call_command("load_demo", stdout=out)
    return out.getvalue()


def everything():
    with rls.scope(rls.SYSTEM):
        return [
            list(model.objects.order_by("pk").values())
            for model in (Organization, User, Membership, ProviderConnection, WebhookSecret)
        ]


def test_the_demo_is_loaded_whole(first_run):
    load()
    with rls.scope(rls.SYSTEM):
        owners = {c.name: c.organization and c.organization.name for c in ProviderConnection.objects.all()}
        memberships = set(Membership.objects.values_list("user__email", "organization__name"))
        staff = dict(User.objects.exclude(role="").values_list("email", "role"))
        assert all(c.webhook_secrets.count() == 1 for c in ProviderConnection.objects.all())
    assert owners == {"acme": "Acme", "globex": "Globex", "shared": None}
    assert memberships == {
        (f"customer@{name.lower()}.example", name) for name in ("Acme", "Globex", "Umbrella", "Initech")
    }
    assert staff == {f"{who}@salesbrain.example": f"sb_{who}" for who in ("admin", "operator", "viewer")}


def test_loading_it_again_changes_nothing(first_run):
    load()
    before, files = everything(), sorted(path.read_text() for path in first_run.LOCAL_DIR.iterdir())
    assert load().startswith("Nothing to do")
    assert everything() == before
    assert sorted(path.read_text() for path in first_run.LOCAL_DIR.iterdir()) == files


def test_passwords_work_and_are_made_at_the_first_run(first_run, client):
    load()
    users = demo.passwords()
    assert len(users) == 7
    assert all(user.check_password(password) for user, password in users)
    assert len({password for _, password in users}) == 7


def test_a_changed_password_is_not_printed(first_run):
    load()
    user, _ = demo.passwords()[0]
    user.set_password("another one entirely")
    user.save()
    assert user.email not in [known.email for known, _ in demo.passwords()]


def test_files_with_keys_are_readable_by_their_owner_only(first_run):
    load()
    for path in first_run.LOCAL_DIR.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path


def test_the_emulator_gets_the_same_workspaces_and_keys(first_run):
    load()
    workspaces = json.loads(demo.emulator_file().read_text())["workspaces"]
    with rls.scope(rls.SYSTEM):
        ours = [
            {"name": c.name, "id": c.workspace_id, "key": c.api_key}
            for c in ProviderConnection.objects.order_by("name")
        ]
    named = [{name: row[name] for name in ("name", "id", "key")} for row in workspaces]
    assert named == ours and [row["sub_of"] for row in workspaces if "sub_of" in row] == ["shared"]
    fake = FakeInstantly()
    WorkspaceFile.read(demo.emulator_file()).create_workspaces(fake)
    assert sorted(fake.workspaces) == sorted(workspace["id"] for workspace in ours)


def test_no_key_stands_in_the_fixture():
    text = demo.FIXTURE.read_text()
    assert "key" not in text and "password" not in text and "secret" not in text


def test_load_demo_refuses_another_database_in_one_line(first_run, settings):
    settings.EMBEDDED_DATABASE = False
    before = everything()
    with pytest.raises(CommandError) as refusal:
        load()
    assert "\n" not in str(refusal.value) and "nothing was created" in str(refusal.value)
    assert everything() == before
    assert not first_run.LOCAL_DIR.exists()


def test_with_the_demo_off_there_is_the_admin_and_nothing_else(first_run):
    first_run.DEMO = False
    load()
    with rls.scope(rls.SYSTEM):
        assert [user.email for user in User.objects.all()] == ["admin@salesbrain.example"]
        assert not ProviderConnection.objects.exists()


def test_with_a_key_there_is_one_shared_connection_and_the_admin_only(first_run):
    first_run.DEMO, first_run.INSTANTLY_API_KEY = False, "a-real-key-of-somebody"
    load()
    with rls.scope(rls.SYSTEM):
        connection = ProviderConnection.objects.get()
        assert (connection.name, connection.organization, connection.api_key) == (
            "instantly",
            None,
            "a-real-key-of-somebody",
        )
        assert list(Organization.objects.customers()) == []
    assert [user.email for user in User.objects.all()] == ["admin@salesbrain.example"]
    assert not demo.emulator_file().exists()


def test_the_demos_keys_are_never_sent_to_instantly_and_the_real_one_never_to_the_emulator(first_run):
    load()
    first_run.DEMO, first_run.INSTANTLY_API_KEY = False, "a-real-key-of-somebody"
    load()
    with rls.scope(rls.SYSTEM):
        assert [c.name for c in ProviderConnection.objects.active()] == ["instantly"]
    first_run.DEMO, first_run.INSTANTLY_API_KEY = True, ""
    load()
    with rls.scope(rls.SYSTEM):
        assert [c.name for c in ProviderConnection.objects.active()] == ["acme", "globex", "shared"]


def test_a_v1_key_is_ignored_with_a_reason(first_run, monkeypatch):
    monkeypatch.setenv("INSTANTLY_API_KEY_V1", "old")
    said = StringIO()
    call_command("load_demo", stdout=StringIO(), stderr=said)
    assert "v1 was switched off" in said.getvalue() and "old" not in said.getvalue()


@pytest.fixture
def running(first_run, live_server):
    """Web and emulator of a first run, on ports of their own."""
    load()
    fake = FakeInstantly()
    WorkspaceFile.read(demo.emulator_file()).create_workspaces(fake)
    server = EmulatorServer(fake)
    server.start()
    first_run.INSTANTLY_BASE_URL = server.url
    first_run.PORT = live_server.thread.port
    first_run.INSTANTLY_WEBHOOK_URL = f"{live_server.url}/webhooks/instantly/webhook"
    first_run.INSTANTLY_REQUESTS_PER_SECOND = 1000
    yield fake
    server.stop()


def welcome():
    out = StringIO()
    call_command("welcome", stdout=out)
    return out.getvalue()


@pytest.mark.django_db(transaction=True)
def test_welcome_connects_everything_and_prints_the_addresses(running, settings):
    said = welcome()

    for needed in (
        "Pages     http",
        "/admin/",
        "/api/docs",
        "create_token customer@acme.example",
        "/api/instantly/campaigns",
    ):
        assert needed in said
    for user, password in demo.passwords():
        assert user.email in said and password in said
    for space in running.workspaces.values():
        (webhook,) = list(space.webhooks)
        assert (webhook["event_type"], webhook["target_hook_url"]) == ("all_events", settings.INSTANTLY_WEBHOOK_URL)
    with rls.scope(rls.SYSTEM):
        assert Campaign.objects.count() == 21 and EmailAccount.objects.count() == 18


@pytest.mark.django_db(transaction=True)
def test_the_first_page_begins_without_a_gap(running):
    """Gap repair's schedule may run before the webhooks are registered and raise an alert; `welcome` runs it again."""
    with rls.scope(rls.SYSTEM):
        (connection,) = ProviderConnection.objects.filter(name="acme")
    reconcile_connection(connection)

    def gaps():
        with rls.scope(rls.SYSTEM):
            return Alert.objects.filter(kind=AlertKind.FEED_GAP, resolved_at__isnull=True).count()

    assert gaps() == 1
    said = welcome()
    assert gaps() == 0 and said.count("complete since") == 3


@pytest.mark.django_db(transaction=True)
def test_a_share_of_the_shared_workspace_is_given_away_once_and_some_is_left(running):
    welcome()

    def shares(model):
        with rls.scope(rls.SYSTEM):
            things = model.objects.filter(connection__name="shared")
            return {
                name: things.filter(organization__name=name).count()
                for name in ("Umbrella", "Globex", "House", "Initech")
            }

    assert shares(Campaign) == {"Umbrella": 3, "Globex": 2, "House": 2, "Initech": 0}
    assert shares(EmailAccount) == {"Umbrella": 2, "Globex": 2, "House": 2, "Initech": 0}

    with rls.scope(rls.SYSTEM):
        Campaign.objects.filter(connection__name="shared", organization__name="Umbrella").update(
            organization=Organization.objects.house()
        )
    welcome()
    assert shares(Campaign) == {"Umbrella": 0, "Globex": 2, "House": 5, "Initech": 0}, "what people moved stays moved"


@pytest.mark.django_db(transaction=True)
def test_no_password_is_printed_for_another_database(running, settings):
    secrets = [password for _, password in demo.passwords()]
    settings.EMBEDDED_DATABASE = settings.DEMO = False
    said = welcome()
    assert not any(password in said for password in secrets)
