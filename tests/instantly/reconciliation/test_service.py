"""Gap repair (fetching missed events) after a long outage: no loss, no double counting."""

from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from django.db import connection
from django.db.models import Count, Sum

from accounts.models import ProviderConnection
from instantly.choices import AlertKind
from instantly.connections import webhook_subscription
from instantly.connections.services import client_for
from instantly.emulator import FakeInstantly
from instantly.emulator import in_process_transport as handing_to
from instantly.erasure import erase_contact
from instantly.models import Alert, Delivery, SyncRun
from instantly.monitoring import feed_health, feed_state
from instantly.processing.batch import process_pending
from instantly.reconciliation import backfill
from instantly.reconciliation.drift import compare_totals
from instantly.reconciliation.service import reconcile_connection
from instantly.webhooks.store import store_raw
from messaging.choices import Origin
from messaging.models import Contact, DailyStats, Event, Message, SearchPending
from salesbrain import rls

pytestmark = pytest.mark.django_db

FROM_MESSAGES = {
    "sent": "sent",
    "replies": "replies",
    "auto_replies": "auto_replies",
    "bounces": "bounces",
    "unsubscribes": "unsubscribes",
    "opens": "opens",
    "clicks": "clicks",
    "interested": "interested",
    "not_interested": "not_interested",
    "meetings": "meetings_booked",
    "unique_opens": "unique_opens",
    "unique_clicks": "unique_clicks",
}
"""Our counters compared with the emulator's stats."""


class Receiver:
    """The receiver of webhooks, which can be switched off."""

    def __init__(self):
        self.up = True
        self.connection: ProviderConnection | None = None

    def __call__(self, url, body, headers):
        if not self.up:
            return 503
        assert self.connection
        with rls.scope(rls.SYSTEM):
            store_raw(self.connection.pk, body)
        return 200


@pytest.fixture
def receiver():
    return Receiver()


@pytest.fixture
def fake(receiver):
    return FakeInstantly(seed=5, transport=handing_to(receiver))


@pytest.fixture
def living(fake, receiver, acme_connection, workspace, sync):
    """A synced workspace with simulated leads and our webhook, before its first event."""
    receiver.connection = acme_connection
    space = workspace(acme_connection)
    sync(acme_connection)
    with client_for(acme_connection) as client:
        webhook_subscription.register(acme_connection, client)
    fake.set_rate(4)
    return space


def now_of(fake):
    return datetime.fromtimestamp(fake.clock.now_ms() / 1000, UTC)


def reconcile(connection, fake, **options):
    report = reconcile_connection(connection, now=now_of(fake), settle=timedelta(0), **options)
    while process_pending():
        pass
    return report


def process_and_count():
    with rls.scope(rls.SYSTEM):
        while process_pending():
            pass
        sums = DailyStats.objects.aggregate(**{figure: Sum(figure) for figure in FROM_MESSAGES})
    return {figure: value or 0 for figure, value in sums.items()}


def provider_counts(fake, space):
    feed_health = fake.truth()["workspaces"][space.id]
    return {mine: feed_health[name] for mine, name in FROM_MESSAGES.items()}


def alerts():
    with rls.scope(rls.SYSTEM):
        return set(Alert.objects.filter(resolved_at=None).values_list("kind", flat=True))


def test_without_an_outage_gap_repair_adds_nothing(fake, living, acme_connection):
    fake.advance(120)
    assert process_and_count() == provider_counts(fake, living)
    report = reconcile(acme_connection, fake)
    assert (report.from_log, report.webhook) == (0, "on")
    assert report.log_rows > 100 and report.sentence().startswith("complete since")
    assert process_and_count() == provider_counts(fake, living)


def test_failed_deliveries_are_fetched_from_the_log(fake, living, receiver, acme_connection):
    fake.assume(disable_after_failures=10_000)
    fake.advance(60)
    receiver.up = False
    fake.advance(60)
    receiver.up = True
    fake.advance(60)
    assert process_and_count() != provider_counts(fake, living)

    report = reconcile(acme_connection, fake)

    assert (
        report.from_log > 50 and report.sentence().startswith("complete since") and "but for" not in report.sentence()
    )
    assert process_and_count() == provider_counts(fake, living)
    with rls.scope(rls.SYSTEM):
        assert set(Delivery.objects.values_list("origin", flat=True)) >= {"webhook", "backfill"}
        assert Event.objects.count() == Delivery.objects.count()
    assert reconcile(acme_connection, fake).from_log == 0, "once"


def test_a_disabled_webhook_is_resumed_and_its_time_filled_from_inbox_and_leads(
    fake, living, receiver, acme_connection
):
    fake.advance(60)
    receiver.up = False
    fake.advance(90)
    (webhook,) = list(living.webhooks)
    assert webhook["status"] == -1, "the emulator switched it off"
    receiver.up = True

    report = reconcile(acme_connection, fake)

    assert report.webhook == "resumed" and webhook["status"] == 1
    assert report.from_log and report.from_mails and report.from_leads
    mine, truth = process_and_count(), provider_counts(fake, living)
    for figure in ("sent", "replies", "auto_replies", "bounces", "unsubscribes"):
        assert mine[figure] == truth[figure], figure
    for figure in ("opens", "clicks", "unique_opens", "unique_clicks"):
        assert mine[figure] <= truth[figure], f"{figure}: nothing is invented"
    assert "opens and clicks" in report.sentence()
    with rls.scope(rls.SYSTEM):
        current = dict(Contact.objects.exclude(interest=None).values_list("email", "interest"))
    from instantly.sync import statuses

    labels = {row["interest_status"]: row["label"] for row in living.lead_labels}
    for lead in living.leads:
        if lead.get("lt_interest_status") is not None:
            word = statuses.INTEREST.get(lead["lt_interest_status"]) or labels[lead["lt_interest_status"]]
            assert current[lead["email"].lower()] == word

    fake.advance(60)
    again = reconcile(acme_connection, fake)
    assert (again.from_log, again.from_mails, again.from_leads) == (0, 0, 0)
    mine, truth = process_and_count(), provider_counts(fake, living)
    assert mine["sent"] == truth["sent"] and mine["replies"] == truth["replies"]


def outage(fake, receiver, living):
    """Switch the receiver off until the emulator has disabled the webhook."""
    fake.advance(30)
    receiver.up = False
    fake.advance(90)
    receiver.up = True
    (webhook,) = list(living.webhooks)
    assert webhook["status"] == -1
    return webhook


def same(fake, living):
    mine, truth = process_and_count(), provider_counts(fake, living)
    return [
        figure
        for figure in ("sent", "replies", "auto_replies", "bounces", "unsubscribes")
        if mine[figure] != truth[figure]
    ]


def test_a_run_that_fails_after_it_resumed_leaves_the_gap_to_the_next(fake, living, receiver, acme_connection):
    webhook = outage(fake, receiver, living)
    fake.faults.add("status", path="*/webhook-events", status=400)
    assert reconcile(acme_connection, fake).status == "failed"
    assert webhook["status"] == 1, "Instantly tells nothing of the gap any more"
    assert same(fake, living)
    report = reconcile(acme_connection, fake)
    assert report.from_mails and [gap["filled"] for gap in report.gaps] == [True]
    assert not same(fake, living)


def test_events_lost_in_a_gap_are_counted_and_reported(fake, living, receiver, acme_connection):
    """Instantly keeps only the time of each lead's last open and click: earlier ones become no events and are counted as lost."""
    outage(fake, receiver, living)
    report = reconcile(acme_connection, fake)
    mine, truth = process_and_count(), provider_counts(fake, living)
    lost = {figure: truth[figure] - mine[figure] for figure in ("opens", "clicks")}
    assert lost["opens"] > 0
    assert report.undated == lost
    assert f"{lost['opens']} opens" in report.sentence() and "no longer dates" in report.sentence()
    again = reconcile(acme_connection, fake)
    assert again.undated == lost, "not asked again, and remembered"
    with rls.scope(rls.SYSTEM):
        (feed,) = feed_health.feeds()
    assert str(feed) == again.sentence()


def test_the_delivery_summary_is_optional(fake, living, receiver, acme_connection):
    fake.assume(disable_after_failures=10_000)
    receiver.up = False
    fake.advance(30)
    receiver.up = True
    report = reconcile(acme_connection, fake)
    assert report.log_rows == report.log_counted >= report.log_failed > 0
    assert "lists" not in report.sentence()
    fake.faults.add("status", path="*/webhook-events/summary", status=400)
    without = reconcile(acme_connection, fake)
    assert (without.status, without.log_counted) == ("succeeded", 0) and without.log_rows == report.log_rows
    report.log_rows -= 1
    assert f"lists {report.log_rows} of {report.log_counted} deliveries" in report.sentence()


def test_there_are_no_undated_events_without_a_loss(fake, living, acme_connection):
    fake.advance(120)
    process_and_count()
    report = reconcile(acme_connection, fake, full=True)
    assert report.undated == {"opens": 0, "clicks": 0}
    assert report.sentence().startswith("complete since") and "but for" not in report.sentence()


def test_a_manually_ended_gap_is_filled_by_the_next_run(fake, living, receiver, acme_connection):
    webhook = outage(fake, receiver, living)
    with client_for(acme_connection) as client:
        webhook_subscription.resume(acme_connection, client, webhook_subscription.own_webhook(acme_connection, client))
    assert webhook["status"] == 1
    assert reconcile(acme_connection, fake).from_mails
    assert not same(fake, living)


def test_events_before_the_webhook_existed_are_fetched_too(fake, receiver, acme_connection, workspace, sync):
    receiver.connection = acme_connection
    space = workspace(acme_connection)
    sync(acme_connection)
    with rls.scope(rls.SYSTEM):
        type(acme_connection).objects.update(created_at=now_of(fake))
        acme_connection.refresh_from_db()
    fake.set_rate(4)
    fake.advance(60)
    with client_for(acme_connection) as client:
        webhook_subscription.register(acme_connection, client)
    fake.advance(60)
    assert same(fake, space)
    reconcile(acme_connection, fake)
    assert not same(fake, space)


def delete_the_webhook(acme_connection):
    with client_for(acme_connection) as client:
        client.delete_webhook(webhook_subscription.own_webhook(acme_connection, client).id)


def test_a_time_without_any_webhook_is_a_gap_that_is_filled_when_there_is_one_again(fake, living, acme_connection):
    fake.advance(60)
    last_with_it = now_of(fake)
    assert "but for" not in reconcile(acme_connection, fake).sentence()
    delete_the_webhook(acme_connection)
    fake.advance(60)
    first = reconcile(acme_connection, fake)
    fake.advance(60)
    without = reconcile(acme_connection, fake)
    assert first.gaps[0]["from"] == without.gaps[0]["from"] == last_with_it.isoformat() and len(without.gaps) == 1
    assert not without.gaps[0]["filled"] and "everything between" in without.sentence()
    with client_for(acme_connection) as client:
        webhook_subscription.register(acme_connection, client)
    made = now_of(fake)
    fake.advance(60)

    report = reconcile(acme_connection, fake)

    assert [(gap["from"], gap["until"], gap["filled"]) for gap in report.gaps] == [
        (last_with_it.isoformat(), made.isoformat(), True)
    ]
    assert not same(fake, living)
    assert "opens and clicks" in report.sentence()
    assert reconcile(acme_connection, fake).gaps == report.gaps


def test_a_webhook_that_was_there_beside_the_deleted_one_leaves_no_gap(fake, living, acme_connection):
    with client_for(acme_connection) as client:
        (first,) = webhook_subscription.own_webhooks(client)
        client.create_webhook(first.target_hook_url, event_type="all_events", name="Salesbrain", headers=first.headers)
    fake.advance(5)
    reconcile(acme_connection, fake)
    delete_the_webhook(acme_connection)
    fake.advance(5)
    report = reconcile(acme_connection, fake)
    assert (report.webhook, report.gaps) == ("on", [])


def test_a_gap_is_filled_only_when_the_inbox_was_asked_beyond_its_end(fake, living, receiver, acme_connection):
    """The run that ends a gap cannot list its last two minutes yet, so the gap stays open until the next run."""
    fake.advance(120)
    outage(fake, receiver, living)
    fake.set_rate(0)
    now = now_of(fake)
    assert [gap["filled"] for gap in reconcile_connection(acme_connection, now=now).gaps] == [False]
    again = reconcile_connection(acme_connection, now=now + timedelta(minutes=3))
    assert [gap["filled"] for gap in again.gaps] == [True]
    assert not same(fake, living)


def test_more_gaps_than_are_remembered_are_not_claimed_to_be_complete():
    facts, noon = {"complete_since": "2026-07-01T00:00:00+00:00"}, datetime(2026, 7, 1, 12, tzinfo=UTC)
    for hour in range(feed_state.REMEMBERED + 2):
        start = noon + timedelta(hours=hour)
        facts = feed_state.with_gap(facts, start, start + timedelta(minutes=5))
    assert len(facts["gaps"]) == feed_state.REMEMBERED
    assert facts["complete_since"] == (noon + timedelta(hours=1, minutes=5)).isoformat()


def test_unreadable_items_are_reported(fake, living, receiver, acme_connection):
    fake.assume(disable_after_failures=10_000)
    receiver.up = False
    fake.advance(30)
    receiver.up = True
    rows = list(living.webhook_events)
    rows[0]["payload"], rows[1]["payload"] = None, "text"
    next(iter(living.emails))["subject"] = ["no", "text"]
    next(iter(living.leads))["status"] = "well"
    report = reconcile(acme_connection, fake, full=True)
    assert (report.status, report.log_unread) == ("succeeded", 2)
    assert [problem.split(" could")[0] for problem in report.problems] == [
        "2 rows of Instantly's delivery log", "1 mails of the inbox", "1 leads",
    ]  # fmt: skip


def test_a_body_in_the_log_that_is_nested_too_deeply_does_not_keep_the_others(acme_connection):
    deep: Any = 1
    for _ in range(400):
        deep = [deep]
    told = {"timestamp": "2026-07-10T09:00:00.000Z", "lead_email": "lead@lead.example", "event_type": "email_sent"}
    bodies = [told | {"deep": deep}, {"event_type": "account_error", "deep": deep}, told]
    assert backfill.store_missing(acme_connection, bodies, origin=Origin.BACKFILL) == 1


def test_leads_changed_in_the_last_minutes_are_skipped(fake, living, monkeypatch, acme_connection):
    """The webhook is under way and contains more than the lead: recorded from both, the event would count twice."""
    fake.advance(300)
    process_and_count()
    under_way = []

    def keep(self, url, body, headers):
        under_way.append(orjson.loads(body))
        return 200

    monkeypatch.setattr(Receiver, "__call__", keep)
    fake.advance(90)
    living.webhook_events.forget_oldest(0)
    now = now_of(fake)
    report = reconcile_connection(acme_connection, now=now, full=True)
    assert {"email_opened", "lead_unsubscribed"} < {body["event_type"] for body in under_way}
    assert (report.from_log, report.from_leads) == (0, 0)
    assert report.undated == {"opens": 0, "clicks": 0}
    later = reconcile_connection(acme_connection, now=now + timedelta(minutes=3), full=True)
    assert later.from_leads > 0, "what never arrives is fetched when it should have been there"


def test_a_mail_known_from_a_webhook_is_joined_and_not_doubled(fake, living, acme_connection):
    fake.advance(120)
    before = process_and_count()
    report = reconcile(acme_connection, fake, full=True)
    assert report.from_mails == 0 and report.joined > 0
    assert process_and_count() == before
    assert reconcile(acme_connection, fake, full=True).joined == 0


def test_a_message_without_text_gets_it_from_the_inbox(fake, living, acme_connection):
    fake.advance(60)
    process_and_count()
    with rls.scope(rls.SYSTEM):
        Message.objects.update(subject=None, body_text=None, body_html=None, reply_text=None, text_at=None)
        SearchPending.objects.all().delete()
    reconcile(acme_connection, fake, full=True)
    subjects = {mail["id"]: mail["subject"] for mail in living.emails}
    with rls.scope(rls.SYSTEM):
        sent = list(Message.objects.filter(direction="out", sent_at__isnull=False))
        assert sent and all(message.subject == subjects[message.email_id] for message in sent)
        assert all(message.body_html and message.text_at == message.sent_at for message in sent)
        assert SearchPending.objects.filter(message_id__in=[message.pk for message in sent]).count() == len(sent)
        Message.objects.filter(pk=sent[0].pk).update(subject="Told by a delivery")
    assert reconcile(acme_connection, fake, full=True).joined == 0
    with rls.scope(rls.SYSTEM):
        assert Message.objects.get(pk=sent[0].pk).subject == "Told by a delivery"


def test_a_webhook_that_fails_again_is_resumed_after_a_pause_and_with_an_alert(fake, living, receiver, acme_connection):
    (webhook,) = list(living.webhooks)
    fake.advance(5)

    def switch_off():
        webhook.update(status=-1, timestamp_error="2026-07-10T12:00:00.000Z")

    switch_off()
    assert reconcile(acme_connection, fake).webhook == "resumed"
    assert AlertKind.WEBHOOK_DISABLED not in alerts()
    switch_off()
    assert reconcile(acme_connection, fake).webhook == "off"
    assert {AlertKind.WEBHOOK_DISABLED, AlertKind.FEED_GAP} <= alerts()
    fake.advance(11 * 60)
    assert reconcile(acme_connection, fake).webhook == "resumed"
    assert reconcile(acme_connection, fake).webhook == "on"
    assert alerts() == set()


def test_a_missing_webhook_is_reported_and_raises_an_alert(fake, acme_connection, workspace, sync):
    workspace(acme_connection)
    sync(acme_connection)
    report = reconcile(acme_connection, fake)
    assert report.webhook == "none" and "register_webhook" in report.problems[0]
    assert alerts() == {AlertKind.FEED_GAP}


@pytest.mark.parametrize(
    "wrong", [{"event_type": "email_sent"}, {"target_hook_url": "https://old.example/hook"}, {"campaign": "one"}]
)
def test_a_partial_webhook_is_reported_and_raises_an_alert(fake, living, acme_connection, wrong):
    (webhook,) = list(living.webhooks)
    webhook.update(wrong)
    report = reconcile(acme_connection, fake)
    assert report.webhook == "partial" and "register_webhook" in report.problems[0]
    assert alerts() == {AlertKind.FEED_GAP}
    with client_for(acme_connection) as client:
        webhook_subscription.register(acme_connection, client)
    assert reconcile(acme_connection, fake).webhook == "on"
    assert alerts() == set()


def test_after_a_failure_the_next_run_continues_from_the_last_good_one(fake, living, receiver, acme_connection):
    fake.assume(disable_after_failures=10_000)
    receiver.up = False
    fake.advance(60)
    receiver.up = True
    fake.faults.add("status", path="*/webhook-events", status=400)
    assert reconcile(acme_connection, fake).status == "failed"
    assert reconcile(acme_connection, fake).from_log > 0
    assert process_and_count() == provider_counts(fake, living)
    with rls.scope(rls.SYSTEM):
        runs = SyncRun.objects.filter(trigger="reconcile").order_by("created_at")
        assert [run.status for run in runs] == ["failed", "succeeded"]


@pytest.mark.parametrize("error", [KeyboardInterrupt(), RuntimeError("a bug")], ids=repr)
@pytest.mark.parametrize("step", ["webhook_subscription.own_webhooks", "leads.reconcile_leads"])
def test_an_aborted_run_keeps_the_state_of_the_last_good_one(
    fake, living, receiver, acme_connection, monkeypatch, step, error
):
    outage(fake, receiver, living)
    before = reconcile(acme_connection, fake)
    assert before.gaps and before.undated["opens"]

    def broken(*args, **kwargs):
        raise error

    with monkeypatch.context() as patched, pytest.raises(type(error)):
        patched.setattr(f"instantly.reconciliation.service.{step}", broken)
        reconcile(acme_connection, fake, full=True)
    with rls.scope(rls.SYSTEM):
        run = SyncRun.objects.filter(trigger="reconcile").latest("created_at")
        (feed,) = feed_health.feeds()
    assert (run.status, run.errors[0]["reason"][:18]) == ("failed", "The run broke off:")
    assert str(feed) == before.sentence()
    assert alerts() == {AlertKind.FEED_GAP}
    assert reconcile(acme_connection, fake).sentence() == before.sentence()
    assert alerts() == set()


def test_a_dry_run_reports_missing_events_and_changes_nothing(fake, living, receiver, acme_connection):
    fake.assume(disable_after_failures=10_000)
    receiver.up = False
    fake.advance(60)
    report = reconcile(acme_connection, fake, dry_run=True)
    assert report.from_log > 50
    with rls.scope(rls.SYSTEM):
        assert Delivery.objects.count() == 0 and not SyncRun.objects.filter(trigger="reconcile").exists()


def test_lead_changes_without_a_delivery_are_derived_once(fake, living, acme_connection):
    fake.advance(300)
    process_and_count()
    with rls.scope(rls.SYSTEM):
        Event.objects.filter(type__in=["lead_completed", "lead_error"]).delete()
    finished = [lead for lead in living.leads if lead["status"] == 3]
    failed = [lead for lead in living.leads if lead["status"] in (-1, -3)]
    assert finished or failed

    report = reconcile(acme_connection, fake, full=True)

    assert report.derived == len(finished) + len(failed)
    assert reconcile(acme_connection, fake, full=True).derived == 0
    with rls.scope(rls.SYSTEM):
        assert Event.objects.filter(type="lead_error", origin="derived").count() == len(failed)


def test_our_totals_stand_beside_instantlys(fake, living, receiver, acme_connection):
    fake.assume(disable_after_failures=10_000)
    fake.advance(120)
    process_and_count()
    with client_for(acme_connection) as client:
        rows = compare_totals(acme_connection, client)
        assert len(rows) == 7 and not [row for row in rows if row.differs]
        assert sum(row.figures["sent"]["local"] or 0 for row in rows) > 10
        receiver.up = False
        fake.advance(60)
        missing = [row for row in compare_totals(acme_connection, client) if row.differs]
    assert missing and all((row.figures["sent"]["delta"] or 0) <= 0 for row in missing)
    receiver.up = True
    reconcile(acme_connection, fake)
    with client_for(acme_connection) as client:
        assert not [row for row in compare_totals(acme_connection, client) if row.differs]


def test_an_erased_person_does_not_come_back_from_inbox_leads_or_log(fake, living, receiver, acme_connection, acme):
    """Instantly still has the person: nothing is fetched again, and missed events are counted anonymously."""
    fake.assume(disable_after_failures=10_000)
    fake.advance(120)
    process_and_count()
    with rls.scope(rls.SYSTEM):
        wrote = (
            Contact.objects.exclude(replied_at=None).annotate(mails=Count("messages")).order_by("-mails", "id").first()
        )
    before = process_and_count()
    erase_contact(organization=acme, email=wrote.email, now=now_of(fake))
    assert process_and_count() == before
    assert reconcile(acme_connection, fake, full=True).from_mails == 0
    assert process_and_count() == before, "every mail was found again under the anonymous contact"
    receiver.up = False
    fake.advance(60)
    receiver.up = True
    reconcile(acme_connection, fake, full=True)
    assert not same(fake, living)
    with rls.scope(rls.SYSTEM), connection.cursor() as cursor:
        for table in ("contact", "message", "event", "suppression", "contactsearch", "messagesearch"):
            cursor.execute(
                f"SELECT count(*) FROM messaging_{table} t WHERE position(%s in lower(t::text)) > 0", [wrote.email]
            )
            assert cursor.fetchone() == (0,), table
        assert not [row.pk for row in Delivery.objects.all() if wrote.email in str(row.text).lower()]
