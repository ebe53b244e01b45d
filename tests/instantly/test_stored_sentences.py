"""Sentences stored in rows (alerts, errors), shown by API and admin in the reader's language."""

from uuid import UUID

import pytest
from django.db import connection as database

from accounts.models import ProviderConnection, User
from instantly.choices import ActionState, AlertKind
from instantly.client.errors import error_for_status
from instantly.connections.services import record_outcome
from instantly.models import Alert, StaffAction, SyncRun
from instantly.monitoring.alerts import raise_alert
from salesbrain import rls
from salesbrain.kernel.messages import MARK, Message, message
from tests import factories
from tests.salesbrain.web.pages import client_of

pytestmark = pytest.mark.django_db
GERMAN = {"accept-language": "de"}


@pytest.fixture
def german_admin(admin):
    User.objects.filter(pk=admin.pk).update(language="de")
    return client_of(admin)


def raw(table: str, column: str, key: UUID) -> str:
    with database.cursor() as cursor:
        cursor.execute(f"SELECT {column}::text FROM {table} WHERE id = %s", [key])
        return cursor.fetchone()[0]


def test_what_is_stored_is_a_key_and_what_is_read_is_a_sentence(acme_connection):
    record_outcome(acme_connection, error_for_status(402, "GET /api/v2/leads", said="No plan"))
    with rls.scope(rls.SYSTEM):
        connection = ProviderConnection.objects.get(pk=acme_connection.pk)
        assert raw("accounts_providerconnection", "status_detail", connection.pk).startswith(f"{MARK}provider.unpaid")
    assert isinstance(connection.status_detail, Message)
    assert connection.status_detail.startswith("Instantly wants a paid plan for GET /api/v2/leads (No plan)")


def test_the_api_says_a_connections_state_in_the_callers_language(api, operator, acme_connection):
    record_outcome(acme_connection, error_for_status(402, "GET /api/v2/leads"))
    address = "/api/instantly/admin/connections"
    english, german = (
        api(operator).get(address, headers=headers).json()["data"]["connections"][0]["status_detail"]
        for headers in ({}, GERMAN)
    )
    assert english.startswith("Instantly wants a paid plan") and german.startswith("Instantly verlangt")


def test_the_admin_shows_alerts_runs_and_actions_in_german(german_admin, admin, acme_connection):
    raise_alert(AlertKind.SYNC_FAILED, acme_connection.pk, message("alert.given_up", detail="its words"))
    with rls.scope(rls.SYSTEM):
        SyncRun.objects.create(
            connection=acme_connection, trigger="admin", started_at=factories.NOON,
            errors=[{"kind": "sync", "id": "", "reason": message("sync.killed")}],
        )  # fmt: skip
        run, alert = SyncRun.objects.get(), Alert.objects.get()
        action = StaffAction.objects.create(
            kind="sync", connection=acme_connection, actor=admin, actor_name="a", target_name="t", state=ActionState.FAILED,
            outcome=message("action.target_gone"),
        )  # fmt: skip
        assert isinstance(run.errors[0]["reason"], Message)
    for page, words in (
        (f"alert/{alert.pk}", "Eine Zustellung wurde aufgegeben: its words"),
        (f"syncrun/{run.pk}", "Der Prozess endete, bevor"),
        (f"staffaction/{action.pk}", "Worum es geht, ist nicht mehr vorhanden."),
    ):
        assert words in german_admin.get(f"/admin/instantly/{page}/change/").content.decode()


def test_rows_of_older_releases_are_shown_as_they_are(german_admin, acme_connection):
    raise_alert(AlertKind.SYNC_FAILED, acme_connection.pk, "Acme: as it was stored before.")
    assert "Acme: as it was stored before." in german_admin.get("/admin/instantly/alert/").content.decode()
