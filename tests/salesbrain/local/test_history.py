"""Recording of the demo's history: every event once, also after interruptions."""

from pathlib import Path
from typing import Any

import orjson
import pytest

from accounts.models import ProviderConnection
from campaigns.models import Campaign
from instantly.models import Held, Pending
from messaging.models import Event, Message
from salesbrain import rls
from salesbrain.local import history
from tests import factories
from tests.instantly.event_types.conftest import read

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def workspace(acme, settings, tmp_path) -> tuple[ProviderConnection, Campaign]:
    settings.LOCAL_DIR = tmp_path
    body = orjson.loads(read("email_sent"))
    connection = factories.connection("acme", acme, workspace_id=body["workspace"])
    return connection, factories.campaign(connection, body["campaign_name"], provider_id=body["campaign_id"])


def write(lines: list[dict[str, Any]]) -> Path:
    file = history.history_file()
    file.write_bytes(b"".join(orjson.dumps(line) + b"\n" for line in lines))
    return file


def events(workspace: str, count: int) -> list[dict[str, Any]]:
    body = orjson.loads(read("email_sent"))
    return [
        {"workspace": workspace, "payload": body | {"lead_email": f"p{n}@lead.example", "timestamp": f"2026-07-01T08:{n:02}:00.000Z"}}
        for n in range(count)
    ]  # fmt: skip


def mail(workspace: str) -> dict[str, Any]:
    return {
        "workspace": workspace,
        "mail": {
            "id": "0190-manual", "timestamp_created": "2026-07-02T08:00:00.000Z", "timestamp_email": "2026-07-02T08:00:00.000Z",
            "ue_type": 3, "eaccount": "nora@outreach.example", "from_address_email": "nora@outreach.example",
            "to_address_email_list": "ann@atlas.example", "subject": "Our call", "body": {"html": "<p>Until Friday.</p>"},
        },
    }  # fmt: skip


def recorded() -> dict[str, int]:
    with rls.scope(rls.SYSTEM):
        return {
            "events": Event.objects.count(), "mails": Message.objects.count(), "waiting": Pending.objects.count(),
            "held": Held.objects.count(),
        }  # fmt: skip


def test_events_and_mails_written_by_hand_are_recorded_and_the_file_goes(workspace):
    connection, _ = workspace
    file = write([*events(connection.workspace_id, 3), mail(connection.workspace_id)])
    said: list[str] = []
    assert history.record(said.append) == 4
    assert recorded() == {"events": 4, "mails": 4, "waiting": 0, "held": 0}
    assert not file.exists()
    assert "4 events of three months are stored" in said[0] and "complete, 4 events" in said[-1]
    with rls.scope(rls.SYSTEM):
        assert Message.objects.get(subject="Our call").contact.email == "ann@atlas.example"


def test_without_a_history_the_import_does_nothing(workspace):
    said: list[str] = []
    assert history.record(said.append) == 0
    assert said == []


def test_a_history_of_several_batches_is_recorded_completely(workspace, monkeypatch):
    connection, _ = workspace
    monkeypatch.setattr(history, "STORED_AT_ONCE", 4)
    write(events(connection.workspace_id, 10))
    assert history.record(lambda line: None) == 10
    assert recorded()["events"] == 10


def test_an_aborted_import_starts_again_and_records_nothing_twice(workspace):
    connection, _ = workspace
    file = write([*events(connection.workspace_id, 5), mail(connection.workspace_id)])

    def break_off(line: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        history.record(break_off)
    assert file.exists() and recorded()["waiting"] == 6
    assert history.record(lambda line: None) == 6
    assert recorded() == {"events": 6, "mails": 6, "waiting": 0, "held": 0}


def test_lines_of_a_workspace_that_is_switched_off_are_left_out(workspace, globex):
    connection, _ = workspace
    other = factories.connection("globex", globex, is_active=False)
    write([*events(connection.workspace_id, 2), *events(other.workspace_id, 3), *events("of-nobody", 1)])
    history.record(lambda line: None)
    assert recorded()["events"] == 2


def test_progress_is_printed_during_the_import(workspace, monkeypatch):
    connection, _ = workspace
    write(events(connection.workspace_id, 6))
    monkeypatch.setattr(history, "TELL_EVERY", 0.0)
    counts = iter([6, 2, 0])
    monkeypatch.setattr(history, "_waiting", lambda: next(counts))
    monkeypatch.setattr(history, "process_pending", lambda: 1)
    said: list[str] = []
    history.record(said.append)
    assert said[1:3] == ["Demo history: 0 of 6 events recorded", "Demo history: 4 of 6 events recorded"]


def test_the_import_does_not_wait_forever_for_a_worker(workspace, monkeypatch):
    connection, _ = workspace
    write(events(connection.workspace_id, 2))
    monkeypatch.setattr(history, "PATIENCE", -1.0)
    said: list[str] = []
    history.record(said.append)
    assert recorded()["waiting"] == 2
    assert "2 wait for the worker" in said[-1]
