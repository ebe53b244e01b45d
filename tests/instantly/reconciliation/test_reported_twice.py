"""Mails reported by both Instantly's inbox and a webhook: one event in the log, in any order."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import permutations
from threading import Thread
from time import monotonic
from typing import Any

import orjson
import pytest
from django.db import connection, transaction

from campaigns.models import Campaign
from instantly.connections.services import client_for
from instantly.erasure import erase_contact
from instantly.processing.batch import number_events, process_pending
from instantly.reconciliation import backfill, emails, leads
from instantly.webhooks.store import store_raw
from messaging.choices import Origin
from messaging.models import DailyStats, Event, Message
from messaging.models.rollup import ROLLUP_COUNTERS
from messaging.stats_rebuild import differences
from salesbrain import rls

pytestmark = pytest.mark.django_db

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LEAD, SENDER = "lead@lead.example", "nora@outreach.example"
ABOUT_IT = "email_sent", "email_opened", "reply_received"


@pytest.fixture
def campaign(acme_connection) -> Campaign:
    steps = [{"variants": [{"subject": "A question"}]}, {"variants": [{"subject": "Same"}, {"subject": "Same"}]}]
    with rls.scope(rls.SYSTEM):
        return Campaign.objects.create(
            organization=acme_connection.organization,
            connection=acme_connection,
            provider_id="0198a1b2-0000-7000-8000-000000000001",
            name="Clinics",
            sequences=[{"steps": steps}],
        )


def body(kind: str, campaign: Campaign, *, minutes: float = 0, **told: Any) -> dict[str, Any]:
    told = {"step": 1, "variant": 1, "email_subject": "A question", "email_text": "Hello"} | told
    at = (AT + timedelta(minutes=minutes)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return {
        "timestamp": at,
        "event_type": kind,
        "workspace": campaign.connection.workspace_id,
        "campaign_id": campaign.provider_id,
        "lead_email": LEAD,
        "email_account": SENDER,
        **told,
    }


def tell(campaign: Campaign, *bodies: dict[str, Any], origin: str = Origin.WEBHOOK) -> None:
    if any(is_of_lead(told, origin) for told in bodies):
        backfill.mark_campaigns(campaign.connection, [campaign.provider_id], "has_repaired_leads")
    with rls.scope(rls.SYSTEM):
        for told in bodies:
            store_raw(campaign.connection_id, orjson.dumps(told), origin=origin)


def is_of_lead(told: dict[str, Any], origin: str) -> bool:
    return origin != Origin.WEBHOOK and not told["email_account"] and "email_id" not in told


def process() -> None:
    while process_pending():
        pass
    number_events()
    assert differences() == []


def events() -> list[Event]:
    with rls.scope(rls.SYSTEM):
        return list(Event.objects.filter(copy_of=None).order_by("id"))


def copies() -> int:
    with rls.scope(rls.SYSTEM):
        return Event.objects.exclude(copy_of=None).filter(position=None).count()


def figures() -> list[dict[str, Any]]:
    """Return the daily stats without rows of zeros."""
    with rls.scope(rls.SYSTEM):
        rows = DailyStats.objects.order_by("day", "step", "variant").values("step", "variant", *ROLLUP_COUNTERS)
        return [row for row in rows if any(row[figure] for figure in ROLLUP_COUNTERS)]


BY_DELIVERY: dict[str, Any] = {"firstName": "Lea", "companyName": "Lead GmbH"}


@pytest.mark.parametrize("names_the_mail", [True, False])
@pytest.mark.parametrize("at_once", [True, False])
@pytest.mark.parametrize("inbox_first", [True, False])
def test_the_event_combines_both_reports(campaign, inbox_first, at_once, names_the_mail):
    mail_id = {"email_id": "mail-1"} if names_the_mail else {}
    told = [
        (body("email_sent", campaign, email_id="mail-1"), Origin.BACKFILL),
        (body("email_sent", campaign, minutes=0.2, **BY_DELIVERY, **mail_id), Origin.WEBHOOK),
    ]
    for sent, origin in told if inbox_first else reversed(told):
        tell(campaign, sent, origin=origin)
        if not at_once:
            process()
    process()

    (event,) = events()
    assert (event.email_id, event.first_name, event.company) == ("mail-1", "Lea", "Lead GmbH")
    assert event.position is not None and copies() == 1
    if at_once:
        assert event.origin == Origin.WEBHOOK, "nobody has read either: the one that tells more stands"
    assert [row["sent"] for row in figures()] == [1]
    process()
    with rls.scope(rls.SYSTEM):
        assert Event.objects.get(pk=event.pk).position == event.position, "what was read stays where it was read"


@pytest.mark.parametrize(
    ("difference", "origin"),
    [
        pytest.param({"minutes": 5}, Origin.BACKFILL, id="another time, and one without an id"),
        pytest.param({"email_id": "mail-2"}, Origin.BACKFILL, id="another mail"),
        pytest.param({"minutes": 0.2}, Origin.WEBHOOK, id="two deliveries"),
        pytest.param({"lead_email": "other@lead.example"}, Origin.BACKFILL, id="another person"),
        pytest.param({"step": 2}, Origin.BACKFILL, id="another step"),
    ],
)
def test_a_different_mail_is_a_separate_event(campaign, difference, origin):
    mail_id = {} if "minutes" in difference else {"email_id": "mail-1"}
    tell(campaign, body("email_sent", campaign, email_id="mail-1"), origin=origin)
    process()
    tell(campaign, body("email_sent", campaign, **(mail_id | difference)))
    process()
    assert len(events()) == 2 and copies() == 0


def test_a_copy_is_shown_with_its_delivery_only(campaign, customer, api):
    tell(campaign, body("email_sent", campaign, email_id="mail-1"), origin=Origin.BACKFILL)
    process()
    tell(campaign, body("email_sent", campaign, email_id="mail-1", minutes=0.1))
    process()
    fed = api(customer).get("/api/instantly/events").json()["data"]["events"]
    assert [event["type"] for event in fed] == ["email_sent"]
    (event,) = events()
    timeline = api(customer).get(f"/api/instantly/contacts/{event.contact_id}").json()["data"]["timeline"]
    assert [entry["type"] for entry in timeline] == ["email_sent"]


def test_an_erased_persons_mail_is_one_event_too(campaign, admin):
    tell(campaign, body("email_sent", campaign, email_id="mail-1"), origin=Origin.BACKFILL)
    process()
    erase_contact(organization=campaign.organization, email=LEAD, now=AT, actor=admin)
    tell(campaign, body("email_sent", campaign, email_id="mail-1", minutes=0.1, **BY_DELIVERY))
    process()
    (event,) = events()
    assert copies() == 1 and (event.email_id, event.first_name) == ("", "")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("step", [1, 2])
@pytest.mark.parametrize("inbox_first", [True, False])
def test_two_workers_with_inbox_and_webhook_report_record_one_mail(campaign, inbox_first, step):
    """Inbox and webhook report one mail; the second worker starts before the first one commits."""
    mark_unsure(campaign, step == 2)
    told = [
        (body("email_sent", campaign, email_id="mail-1", step=step, variant=2 - step), Origin.BACKFILL),
        (body("email_sent", campaign, minutes=0.1, step=step, variant=step), Origin.WEBHOOK),
    ]
    two_workers(campaign, told if inbox_first else reversed(told))
    assert len(events()) == 1 and copies() == 1
    with rls.scope(rls.SYSTEM):
        assert Message.objects.count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("inbox_first", [True, False])
def test_two_workers_with_both_reports_of_a_reply_without_mail_id_record_one(campaign, inbox_first):
    told = [
        (body("reply_received", campaign, email_id="re-1"), Origin.BACKFILL),
        (body("reply_received", campaign, minutes=0.1), Origin.WEBHOOK),
    ]
    two_workers(campaign, told if inbox_first else reversed(told))
    assert len(events()) == 1 and copies() == 1
    with rls.scope(rls.SYSTEM):
        (reply,) = Message.objects.filter(direction="in")
    assert reply.email_id == "re-1"
    assert sum(row["replies"] for row in figures()) == 1


@pytest.mark.parametrize("size", [1, 100])
@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_two_simultaneous_replies_stay_two_if_one_has_no_mail_id(campaign, order, size):
    told = [
        (body("reply_received", campaign, email_id="re-1"), Origin.BACKFILL),
        (body("reply_received", campaign, minutes=1, email_id="re-2"), Origin.BACKFILL),
        (body("reply_received", campaign, minutes=0.9), Origin.WEBHOOK),
    ]
    for place in order:
        tell(campaign, told[place][0], origin=told[place][1])
        if size == 1:
            process()
    process()
    with rls.scope(rls.SYSTEM):
        assert set(Message.objects.filter(direction="in").values_list("email_id", flat=True)) == {"re-1", "re-2"}
    assert len(events()) == 2 and sum(row["replies"] for row in figures()) == 2


def two_workers(campaign: Campaign, told: Iterable[tuple[dict[str, Any], str]]) -> None:
    """Process two deliveries, the second one while the first one's worker has not committed."""
    for one, origin in told:
        tell(campaign, one, origin=origin)
    pids: list[int] = []

    def work() -> None:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_backend_pid()")
                pids.append(cursor.fetchone()[0])
            process_pending(1)
        finally:
            connection.close()

    second = Thread(target=work)
    with transaction.atomic():
        process_pending(1)
        second.start()
        until_it_waits(pids)
    second.join()
    process()


def mark_unsure(campaign: Campaign, unsure: bool) -> None:
    with rls.scope(rls.SYSTEM):
        Campaign.objects.filter(pk=campaign.pk).update(is_variant_unsure=unsure)


def until_it_waits(pids: list[int]) -> None:
    end = monotonic() + 30
    while monotonic() < end:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE pid = ANY (%s) AND NOT granted", [pids])
            if cursor.fetchone()[0]:
                return
    raise AssertionError("the second worker does not wait for the first")


@pytest.mark.parametrize("size", [1, 100])
@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_a_mail_without_a_variant_is_matched_to_its_later_deliveries(campaign, order, size):
    """Step two has two variants with one subject. In any order of inbox and webhook one mail of the step is recorded, with the variant that
    the webhook reported.
    """
    mark_unsure(campaign, True)
    second: dict[str, Any] = {"step": 2, "email_subject": "Same"}
    told = [
        (body("email_sent", campaign, email_id="mail-1", **second, variant=0), Origin.BACKFILL),
        (body("email_sent", campaign, minutes=0.1, **second, variant=2), Origin.WEBHOOK),
        (body("email_opened", campaign, minutes=1, **second, variant=2), Origin.WEBHOOK),
        (body("reply_received", campaign, minutes=2, email_id="re-1", **second, variant=0), Origin.BACKFILL),
    ]
    for place in order:
        tell(campaign, told[place][0], origin=told[place][1])
        if size == 1:
            process()
    process()
    with rls.scope(rls.SYSTEM):
        (sent,) = Message.objects.filter(direction="out")
    assert (sent.step, sent.variant, sent.email_id, sent.open_count) == (2, 2, "mail-1", 1)
    assert sent.replied_at == AT + timedelta(minutes=2)
    ((row),) = [row for row in figures() if row["sent"]]
    assert (row["step"], row["variant"], row["opens"], row["unique_opens"], row["unique_replies"]) == (2, 2, 1, 1, 1)
    assert sum(row["sent"] for row in figures()) == 1
    assert sorted(event.type for event in events()) == ["email_opened", "email_sent", "reply_received"]


@pytest.mark.django_db(transaction=True)
def test_marking_campaigns_and_a_batch_of_them_do_not_wait_in_a_circle(campaign):
    """A batch locks campaigns in the order of its deliveries, not in key order."""
    with rls.scope(rls.SYSTEM):
        other = Campaign.objects.create(
            organization=campaign.organization, connection=campaign.connection, provider_id="other", name="Other"
        )
    first, last = sorted([campaign, other], key=lambda row: row.pk)
    pids: list[int] = []
    failures: list[Exception] = []

    def mark() -> None:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_backend_pid()")
                pids.append(cursor.fetchone()[0])
            backfill.mark_campaigns(campaign.connection, [campaign.provider_id, other.provider_id], "is_variant_unsure")
        except Exception as error:
            failures.append(error)
        finally:
            connection.close()

    marker = Thread(target=mark)
    with rls.scope(rls.SYSTEM), connection.cursor() as cursor:
        hold = "SELECT FROM campaigns_campaign WHERE id = %s FOR KEY SHARE"
        cursor.execute(hold, [last.pk])
        marker.start()
        until_it_waits(pids)
        cursor.execute(hold, [first.pk])
    marker.join()
    assert failures == []
    with rls.scope(rls.SYSTEM):
        assert Campaign.objects.filter(is_variant_unsure=True).count() == 2


def test_a_mail_matched_later_is_found_after_its_person_was_erased(campaign):
    mark_unsure(campaign, True)
    told: dict[str, Any] = {"step": 2, "email_subject": "Same"}
    tell(campaign, body("email_sent", campaign, email_id="mail-1", **told, variant=0), origin=Origin.BACKFILL)
    process()
    tell(campaign, body("email_opened", campaign, minutes=1, **told, variant=2))
    process()
    erase_contact(organization=campaign.organization, email=LEAD, now=AT)
    tell(campaign, body("email_opened", campaign, minutes=2, **told, variant=2))
    process()
    with rls.scope(rls.SYSTEM):
        (sent,) = Message.objects.all()
    assert (sent.step, sent.variant, sent.open_count) == (2, 2, 2)


def test_gap_repair_marks_campaigns_with_unknown_variants(fake, acme_connection, workspace, sync):
    """All variants of the second steps have the same subject in this emulator, so the inbox does not reveal the variant."""
    workspace(acme_connection)
    sync(acme_connection)
    with rls.scope(rls.SYSTEM):
        for campaign in Campaign.objects.all():
            for step in campaign.sequences[0]["steps"]:
                step["variants"] = [{"subject": "{{anything}}"}] * 2
            Campaign.objects.filter(pk=campaign.pk).update(sequences=campaign.sequences)
    fake.set_rate(4)
    fake.advance(30)
    now = datetime.fromtimestamp(fake.clock.now_ms() / 1000, UTC) + timedelta(seconds=1)
    with client_for(acme_connection) as client:
        emails.reconcile_emails(
            acme_connection, client, since=now - timedelta(hours=1), now=now, settle=timedelta(0), dry_run=True
        )
        with rls.scope(rls.SYSTEM):
            assert not Campaign.objects.filter(is_variant_unsure=True).exists(), "a dry run changes nothing"
        emails.reconcile_emails(acme_connection, client, since=now - timedelta(hours=1), now=now, settle=timedelta(0))
    process()
    with rls.scope(rls.SYSTEM):
        told = set(Event.objects.filter(variant=0, step__gt=0).values_list("campaign_id", flat=True))
        assert told and told == set(Campaign.objects.filter(is_variant_unsure=True).values_list("pk", flat=True))


# --- what a list of leads tells as well ---------------------------------------------------------------------------------


def of_lead(kind: str, campaign: Campaign, *, minutes: float = 0, **told: Any) -> dict[str, Any]:
    """Return an event as gap repair derives it from a lead: without mail id and email account."""
    return body(kind, campaign, minutes=minutes, **told) | {"email_account": ""}


OF_LEADS = [
    pytest.param("email_opened", 0.4, id="open"),
    pytest.param("link_clicked", 0.4, id="click"),
    pytest.param("email_bounced", 300, id="bounce, dated by the lead's last change"),
    pytest.param("lead_unsubscribed", 300, id="unsubscription, dated by the lead's last change"),
    pytest.param("lead_interested", -0.9, id="interest"),
    pytest.param("lead_meeting_booked", 0.2, id="meeting"),
    pytest.param("Ask again later", 0.2, id="label"),
    pytest.param("lead_completed", 300, id="end of the sequence"),
]


@pytest.mark.parametrize("at_once", [True, False])
@pytest.mark.parametrize("repaired_first", [True, False])
@pytest.mark.parametrize(("kind", "later"), OF_LEADS)
def test_an_event_reported_by_lead_and_delivery_counts_once(campaign, kind, later, repaired_first, at_once):
    """The retried webhook of an event arrives long after gap repair has derived the same event from the lead."""
    reports = [(of_lead(kind, campaign, minutes=later), Origin.BACKFILL), (body(kind, campaign), Origin.WEBHOOK)]
    for told, origin in reports if repaired_first else reversed(reports):
        tell(campaign, told, origin=origin)
        if not at_once:
            process()
    process()

    (event,) = events()
    assert copies() == 1 and event.position is not None
    if at_once:
        assert event.origin == Origin.WEBHOOK, "nobody has read either: the delivery stands"
    assert all(count <= 1 for row in figures() for count in row.values()), figures()
    with rls.scope(rls.SYSTEM):
        assert all(message.open_count <= 1 and message.click_count <= 1 for message in Message.objects.all())


@pytest.mark.parametrize(
    ("kind", "difference", "origin"),
    [
        pytest.param("email_opened", {"minutes": 2}, Origin.BACKFILL, id="another open"),
        pytest.param("email_opened", {"minutes": 0.2}, Origin.WEBHOOK, id="two deliveries of opens"),
        pytest.param("lead_interested", {"lead_email": "other@lead.example"}, Origin.BACKFILL, id="another person"),
        pytest.param("Ask again later", {"event_type": "Call in autumn"}, Origin.BACKFILL, id="another label"),
        pytest.param("lead_unsubscribed", {"minutes": 300}, Origin.BACKFILL, id="unsubscribed again after the repair"),
    ],
)
def test_a_different_event_of_a_lead_counts_too(campaign, kind, difference, origin):
    tell(campaign, body(kind, campaign) if origin == Origin.WEBHOOK else of_lead(kind, campaign), origin=origin)
    process()
    tell(campaign, body(kind, campaign) | body(kind, campaign, **difference) | difference)
    process()
    assert len(events()) == 2 and copies() == 0


@pytest.mark.parametrize("size", [1, 100])
def test_one_repaired_open_stands_for_one_delivery(campaign, size):
    """Of two opens within a minute the lead reports only the later; both deliveries arrive afterwards."""
    tell(campaign, of_lead("email_opened", campaign, minutes=0.5), origin=Origin.BACKFILL)
    process()
    for minutes in (0.1, 0.5001):
        tell(campaign, body("email_opened", campaign, minutes=minutes))
        if size == 1:
            process()
    process()
    assert len(events()) == 2 and copies() == 1
    assert sum(row["opens"] for row in figures()) == 2


def test_gap_repair_marks_campaigns_in_whose_leads_it_found_events(fake, acme_connection, workspace, sync):
    """Deliveries of unmarked campaigns are recorded without comparing them with events derived from leads."""
    workspace(acme_connection)
    sync(acme_connection)
    fake.set_rate(8)
    fake.advance(60)
    until = datetime.fromtimestamp(fake.clock.now_ms() / 1000, UTC) + timedelta(seconds=1)
    since = until - timedelta(hours=2)
    marked = Campaign.objects.filter(has_repaired_leads=True)
    with client_for(acme_connection) as client:
        leads.reconcile_leads(acme_connection, client, since=since, until=until, dry_run=True)
        with rls.scope(rls.SYSTEM):
            assert not marked.exists(), "a dry run changes nothing"
        leads.reconcile_leads(acme_connection, client, since=since, until=until)
    process()
    with rls.scope(rls.SYSTEM):
        told = set(Event.objects.exclude(origin=Origin.WEBHOOK).values_list("campaign_id", flat=True))
        assert told and told == set(marked.values_list("pk", flat=True))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("repaired_first", [True, False])
def test_two_workers_with_both_reports_of_a_label_record_one(campaign, repaired_first):
    reports = [
        (body("Ask again later", campaign), Origin.WEBHOOK),
        (of_lead("Ask again later", campaign, minutes=0.1), Origin.BACKFILL),
    ]
    two_workers(campaign, reversed(reports) if repaired_first else reports)
    assert len(events()) == 1 and copies() == 1


def test_an_open_fetched_from_the_delivery_log_counts_separately(campaign):
    """Of two opens within a minute one was delivered and the other is fetched from the delivery log: both count."""
    tell(campaign, body("email_opened", campaign))
    process()
    tell(campaign, body("email_opened", campaign, minutes=0.4), origin=Origin.BACKFILL)
    process()
    assert len(events()) == 2 and copies() == 0
