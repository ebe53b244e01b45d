"""Command replay_deliveries: webhook deliveries queued again, and a dry run without changes."""

from io import StringIO

import orjson
import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections

from instantly.choices import AlertKind
from instantly.models import Alert, Delivery, Held, Pending
from instantly.monitoring.alerts import raise_alert
from instantly.processing.batch import process_pending
from instantly.processing.worker import drain
from instantly.webhooks.store import store_raw
from messaging import handlers
from messaging.models import Contact, DailyStats, Event, Message
from salesbrain import rls
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)

TABLES = (
    "instantly_delivery instantly_pending instantly_held instantly_alert messaging_event messaging_contact messaging_message "
    "messaging_dailystats messaging_suppression messaging_searchpending messaging_renamedcontact accounts_emailaccount campaigns_campaign"
)


def all_of(model):
    with rls.scope(rls.SYSTEM):
        return list(model.objects.all())


def everything() -> dict[str, list[str]]:
    found = {}
    with rls.scope(rls.SYSTEM), connection.cursor() as cursor:
        for table in TABLES.split():
            cursor.execute(f"SELECT to_jsonb(t)::text FROM {table} t ORDER BY 1")
            found[table] = [row for (row,) in cursor.fetchall()]
    return found


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("replay_deliveries", *arguments, stdout=out)
    return out.getvalue()


def dry(*arguments: str) -> str:
    """Return a function that runs the command with --dry-run and checks that nothing changed."""
    out, before = StringIO(), everything()
    try:
        call_command("replay_deliveries", *arguments, "--dry-run", stdout=out)
    except CommandError as error:
        out.write(f"{error}")
    assert everything() == before
    return out.getvalue()


@pytest.fixture
def campaign(acme_connection):
    return factories.campaign(acme_connection)


@pytest.fixture
def deliver(campaign):
    """Return `deliver(event_type, **changes)`: store a delivery of Acme's campaign; returns its id."""

    def store(type="email_sent", connection=campaign.connection, **changes):
        body = {
            "event_type": type,
            "timestamp": "2026-07-10T09:00:00.000Z",
            "campaign_id": campaign.provider_id,
            "lead_email": "lead@lead.example",
            "email_account": "sender@sender.example",
            "step": 1,
            "variant": 1,
        }
        return store_raw(connection.pk, orjson.dumps(body | changes))

    return store


@pytest.fixture
def bug(monkeypatch):
    """Make a handler raise, until `bug()` is called."""
    with monkeypatch.context() as patch:

        def broken(event):
            raise RuntimeError("a bug of ours")

        patch.setitem(handlers.HANDLERS, handlers.EventType.EMAIL_SENT, broken)
        yield patch.undo


def test_a_delivery_held_by_a_bug_is_recorded_after_the_fix(deliver, bug):
    id = deliver()
    process_pending()
    assert [(held.delivery_id, held.reason, held.attempts) for held in all_of(Held)] == [(id, "failed", 1)]
    bug()
    assert run("--failed") == "1 put into the queue; the worker processes them.\n"
    assert process_pending() == 1
    assert all_of(Held) == []
    assert [stats.sent for stats in all_of(DailyStats)] == [1]


def test_a_dead_delivery_gets_all_its_tries_again(deliver, bug):
    id = deliver()
    process_pending()
    with rls.scope(rls.SYSTEM):
        Held.objects.update(reason="dead", attempts=6, next_try_at=None)
    assert run("--failed").startswith("0 put")
    assert run("--dead").startswith("1 put")
    process_pending()
    (held,) = all_of(Held)
    assert (held.delivery_id, held.reason, held.attempts) == (id, "failed", 1)
    assert held.next_try_at is not None


def test_a_processed_delivery_is_not_requeued(deliver):
    done = deliver()
    process_pending()
    before = everything()
    assert "1 are done already: nothing would change." in dry("--id", str(done))
    assert "0 put into the queue" in run("--id", str(done))
    assert everything() == before


def test_a_recorded_delivery_requeued_by_hand_changes_nothing(deliver):
    done = deliver()
    process_pending()
    before = everything()
    with rls.scope(rls.SYSTEM):
        Pending.objects.create(delivery_id=done)
    assert process_pending() == 1
    assert everything() == before


def test_a_pending_delivery_is_not_queued_twice(deliver):
    deliver()
    assert run("--connection", "acme") == "0 put into the queue, 1 were in it; the worker processes them.\n"
    assert len(all_of(Pending)) == 1


def test_a_pruned_body_is_named_and_not_queued(deliver, bug):
    id = deliver()
    process_pending()
    with rls.scope(rls.SYSTEM):
        Delivery.objects.update(body=None)
    assert f"1 cannot be replayed, because their bodies were removed by retention or an erasure: #{id}." in dry(
        "--failed"
    )
    assert run("--failed").endswith("0 put into the queue; the worker processes them.\n")
    assert all_of(Pending) == []


def test_the_dry_run_names_the_organization_of_each_delivery(deliver, bug):
    id = deliver(firstName="Ada")
    process_pending()
    bug()
    told = dry("--failed")
    assert (
        f"#{id} email_sent: would be booked, as email_sent of 2026-07-10 09:00:00 UTC for Acme; campaign 'Q3 Outbound'; "
        "writes log, contact, message\n"
    ) in told
    assert "Of 1 that can be replayed 1 would have their effect. Nothing was changed." in told


def test_the_dry_run_gives_the_reason_for_holding_again(deliver, bug):
    failing = deliver()
    lost = deliver(campaign_id="nobody-knows-it")
    elsewhere = deliver(workspace="another")
    timeless = deliver(timestamp="yesterday")
    process_pending()
    told = dry("--connection", "acme")
    assert (
        f"#{failing} email_sent: would be held again, processing failed; it is tried again: RuntimeError('a bug of ours')"
        in told
    )
    assert f"#{lost} email_sent: would be held again, its campaign is not known yet: nobody-knows-it" in told
    assert f"#{elsewhere} email_sent: would be held again, its workspace is not the connection's: another" in told
    assert (
        f"#{timeless} email_sent: would be held again, given up, or unreadable: unreadable: its timestamp is 'yesterday'"
        in told
    )
    assert (
        "    timestamp: Should be text like 2026-07-14T07:02:11.482Z; the event cannot be placed in time and is given up"
        in told
    )
    assert told.endswith("4 would not be booked.")


def test_the_dry_run_names_unreadable_fields_and_their_cost(deliver, bug):
    deliver(step="first", lead_email=["a list"])
    process_pending()
    bug()
    told = dry("--failed")
    assert (
        "    step: Input should be a valid integer, unable to parse string as an integer; counted under step 0" in told
    )
    assert (
        "    lead_email: Input should be a valid string; the lead is who `email` says; a delivery that names nobody there either is held"
        in told
    )
    assert "a list" not in told, "a body is personal data"
    assert "writes log\n" in told


def test_the_dry_run_reports_database_errors(deliver, bug):
    deliver(lead_email="x" * 200 + "@lead.example")
    process_pending()
    bug()
    with connections["owner"].cursor() as cursor:
        cursor.execute("ALTER TABLE messaging_contact ADD CONSTRAINT short CHECK (length(email) < 100) NOT VALID")
    try:
        assert 'would be refused by the database, new row for relation "messaging_contact" violates' in dry("--failed")
    finally:
        with connections["owner"].cursor() as cursor:
            cursor.execute("ALTER TABLE messaging_contact DROP CONSTRAINT short")


def test_deliveries_to_replay_must_match_all_criteria(deliver, bug, globex_connection):
    here, there = deliver(), deliver(connection=globex_connection, campaign_id=None)
    process_pending()
    assert f"#{there}" not in dry("--failed", "--connection", "acme")
    assert dry("--failed", "--id", str(there), "--connection", "acme").startswith("Of 0")
    assert {here, there} == {held.delivery_id for held in all_of(Held)}
    assert run("--failed", "--connection", "globex").startswith("1 put")
    assert [pending.pk for pending in all_of(Pending)] == [there]


def test_since_is_the_time_of_receipt_in_utc(deliver, bug):
    early, late = deliver(), deliver(timestamp="2026-07-11T09:00:00.000Z")
    process_pending()
    with rls.scope(rls.SYSTEM):
        Delivery.objects.filter(pk=early).update(received_at="2026-07-13T23:59:59Z")
        Delivery.objects.filter(pk=late).update(received_at="2026-07-14T00:00:00Z")
    for since in ("2026-07-14", "2026-07-14T00:00", "2026-07-14T02:00+02:00"):
        told = dry("--since", since)
        assert (f"#{early}" in told, f"#{late}" in told) == (False, True), since


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "Say which deliveries"),
        (["--since", "yesterday"], "is no time"),
        (["--since", "2026-13-41"], "is no time"),
        (["--connection", "nobody"], "There is no connection 'nobody'"),
        (["--id", "999999"], "There is no delivery 999999"),
    ],
)
def test_wrong_input_is_refused_by_name(campaign, arguments, said):
    with pytest.raises(CommandError, match=said):
        run(*arguments)


def test_a_replayed_delivery_and_its_neighbours_equal_a_run_without_the_failure(deliver, bug):
    bodies = [("email_sent", "09:00"), ("email_opened", "09:05"), ("reply_received", "10:00")]
    for type, at in bodies:
        deliver(type, timestamp=f"2026-07-10T{at}:00.000Z")
    process_pending()
    assert [event.type for event in all_of(Event)] == ["reply_received", "email_opened"]
    bug()
    run("--failed")
    process_pending()
    (message,) = [message for message in all_of(Message) if message.direction == "out"]
    assert (message.sent_at.isoformat(), message.opened_at.isoformat()) == (
        "2026-07-10T09:00:00+00:00",
        "2026-07-10T09:05:00+00:00",
    )
    assert message.status == "replied"
    assert len(all_of(Contact)) == 1


def open_alerts() -> set[tuple[str, str]]:
    with rls.scope(rls.SYSTEM):
        return set(Alert.objects.filter(resolved_at__isnull=True).values_list("kind", "connection__name"))


@pytest.mark.parametrize(
    ("reason", "kind"), [("dead", "dead_deliveries"), ("workspace_mismatch", "workspace_mismatch")]
)
def test_an_alert_about_held_deliveries_is_over_when_none_is_left(deliver, globex_connection, reason, kind):
    first, second = deliver("email_opened"), deliver("email_sent")
    stays = deliver("email_sent", globex_connection)
    with rls.scope(rls.SYSTEM):
        Pending.objects.all().delete()
        for id in (first, second, stays):
            Held.objects.create(delivery_id=id, reason=reason)
        for connection_id in (globex_connection.pk, Delivery.objects.get(pk=first).connection_id):
            Alert.objects.create(kind=kind, connection_id=connection_id, last_at=factories.NOON)
    run("--id", str(first))
    drain()
    assert open_alerts() == {(kind, "acme"), (kind, "globex")}, "one is left"
    run("--id", str(second))
    drain()
    assert open_alerts() == {(kind, "globex")}


def test_an_alert_that_was_raised_this_moment_is_not_taken_for_over(deliver, acme_connection):
    raise_alert(AlertKind.DEAD_DELIVERIES, acme_connection.pk, "just now")
    drain()
    assert open_alerts() == {("dead_deliveries", "acme")}
