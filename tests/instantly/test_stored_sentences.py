"""Sentences stored in rows (alerts, errors), shown by API and admin in the reader's language."""

from uuid import UUID

import pytest
from django.db import connection as database
from django.db.models.expressions import RawSQL

from accounts.models import ProviderConnection, User
from instantly.choices import ActionState, AlertKind
from instantly.client.errors import error_for_status
from instantly.connections.services import record_outcome
from instantly.models import Alert, Held, StaffAction, SyncRun
from instantly.monitoring.alerts import raise_alert
from salesbrain import rls
from salesbrain.kernel.messages import MARK, Message, message
from tests import factories
from tests.instantly.webhooks.conftest import dedicated, fresh_secrets, payload, post, work
from tests.salesbrain.web.pages import client_of

__all__ = ["dedicated", "fresh_secrets", "payload", "post", "work"]

pytestmark = pytest.mark.django_db(transaction=True)
GERMAN = {"accept-language": "de"}


@pytest.fixture
def german_admin(admin):
    User.objects.filter(pk=admin.pk).update(language="de")
    return client_of(admin)


def raw(table: str, column: str, key: UUID) -> str:
    with database.cursor() as cursor:
        cursor.execute(f"SELECT {column}::text FROM {table} WHERE id = %s", [key])
        return cursor.fetchone()[0]


def test_a_sentence_is_stored_as_key_and_read_as_text(acme_connection):
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


@pytest.mark.parametrize(
    ("changed", "english", "german"),
    [
        ({"timestamp": "soon"}, "its timestamp is", "Zeitstempel"),
        ({"lead_email": "no address", "email": "no address"}, "is no address", "Adresse"),
    ],
    ids=["timestamp", "address"],
)
def test_the_reason_for_holding_is_shown_in_the_readers_language(
    german_admin, post, work, dedicated, payload, changed, english, german
):
    _, _, secret = dedicated
    post(secret, payload("email_sent", **changed))
    work()
    with rls.scope(rls.SYSTEM):
        held = Held.objects.get()
        stored = Held.objects.annotate(raw=RawSQL("detail", ())).get().raw
    assert str(stored).startswith(MARK) and isinstance(held.detail, Message) and english in held.detail
    page = german_admin.get("/admin/instantly/held/").content.decode()
    assert german in page and english not in page
    User.objects.update(language="en")
    assert english in german_admin.get("/admin/instantly/held/").content.decode()


def test_rows_of_older_releases_are_shown_as_they_are(german_admin, acme_connection):
    raise_alert(AlertKind.SYNC_FAILED, acme_connection.pk, "Acme: as it was stored before.")
    assert "Acme: as it was stored before." in german_admin.get("/admin/instantly/alert/").content.decode()
