"""Workspaces with one fault of every kind, and a customer without faults beside them."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from knox.models import get_token_model

from accounts.models import EmailAccount, Organization, ProviderConnection, User, WebhookSecret
from campaigns.models import Campaign
from instantly.choices import AlertKind
from instantly.finding_rules import OF_ALERTS
from instantly.models import Alert, JobRun, StaffAction, SyncRun
from messaging.choices import MeasurementKind
from messaging.findings import sources
from salesbrain import rls
from tests import factories

LONG_AGO = timedelta(days=400)


@dataclass(frozen=True)
class FaultyWorld:
    acme: Organization
    healthy: Organization
    connection: ProviderConnection
    campaigns: dict[str, Campaign]
    accounts: dict[str, EmailAccount]


def build(*, now: datetime | None = None) -> FaultyWorld:
    """Create the workspaces: every rule of findings matches, each on an object of its own where possible."""
    now = now or datetime.now(UTC)
    acme, healthy = factories.organization("Acme"), factories.organization("Initech")
    fine = factories.connection("fine", healthy, status="working", last_synced_at=now)
    shared = factories.connection("shared", None, status="unauthorized", last_synced_at=now)
    faulty = factories.connection("faulty", acme, status="working", last_synced_at=now)
    _furnish_healthy(fine, now)
    campaigns = {
        name: factories.campaign(faulty, name, status_at=now - LONG_AGO, **fields)
        for name, fields in _campaigns().items()
    }
    campaigns["unassigned"] = factories.campaign(shared, "unassigned", status="paused")
    accounts = {
        name: factories.email_account(
            faulty, f"{name}@acme.example", provider_created_at=now - LONG_AGO, warmup_score=90, **fields
        )
        for name, fields in {"burning": {}, "busy": {}, "cooling": {}, "broken": {"status": "connection_error"}}.items()
    }
    _stats(campaigns, now)
    with rls.scope(rls.SYSTEM):
        sources.keep(MeasurementKind.LEADS_LEFT, {campaigns["running out"].pk: 5}, now)
        for days, score in ((3, 95), (2, 97), (1, 99)):
            at = now - timedelta(days=days)
            sources.keep(MeasurementKind.WARMUP_SCORE, {accounts["cooling"].pk: score}, at)
        EmailAccount.objects.filter(pk=accounts["cooling"].pk).update(warmup_score=60)
        _feed(faulty, now)
    person = factories.contact(acme, "waiting@lead.example")
    factories.conversation(person, waiting_since=now - timedelta(hours=30), category="question", last_mail_at=now)
    user = User.objects.create_user("expiring@acme.example", "a-password-for-tests")
    get_token_model().objects.create(user, expiry=timedelta(days=3))
    return FaultyWorld(acme, healthy, faulty, campaigns, accounts)


def _campaigns() -> dict[str, dict[str, Any]]:
    variants = [{"subject": "A", "body": "a"}, {"subject": "B", "body": "b"}]
    return {
        "bouncing": {}, "fading": {}, "stopped": {"status": "bounce_protect"}, "running out": {},
        "compared": {"sequences": [{"steps": [{"type": "email", "delay": 0, "variants": variants}]}]},
    }  # fmt: skip


def _stats(campaigns: dict[str, Campaign], now: datetime) -> None:
    today = now.date()

    def day(name: str, days: int, **figures: Any) -> None:
        address = figures.pop("email_account", "quiet@acme.example")
        factories.daily_stats(campaigns[name], day=today - timedelta(days=days), email_account=address, **figures)

    day("bouncing", 0, email_account="burning@acme.example", sent=40, bounces=6)
    day("bouncing", 1, email_account="burning@acme.example", sent=40, bounces=4)
    day("fading", 0, email_account="busy@acme.example", sent=60)
    day("fading", 3, sent=240, unique_replies=4)
    day("fading", 20, sent=3000, unique_replies=300, complaints=12)
    day("running out", 0, sent=40, unique_replies=4)
    day("compared", 0, sent=400, unique_replies=60, variant=1)
    day("compared", 0, sent=400, unique_replies=20, variant=2, email_account="second@acme.example")


def _feed(connection: ProviderConnection, now: datetime) -> None:
    for kind in OF_ALERTS:
        about = None if kind == AlertKind.QUEUE_STALLED else connection
        Alert.objects.create(kind=kind, connection=about, detail="Seen at Instantly.", occurrences=2)
    gap = {
        "from": "2026-01-01T00:00:00+00:00",
        "until": "2026-01-02T00:00:00+00:00",
        "filled": False,
        "missing": "opens",
    }
    SyncRun.objects.create(
        connection=connection, trigger="reconcile", status="incomplete", counts={"gaps": [gap]}, finished_at=now
    )
    StaffAction.objects.create(
        kind="drift", connection=connection, target_name=connection.name, actor_name="operator", state="done",
        result={"differ": [{"name": "bouncing", "figures": {}}]}, finished_at=now,
    )  # fmt: skip
    JobRun.objects.create(
        task="instantly.tasks.sync_all", expected_since=now - LONG_AGO, failed_at=now, error="OperationalError"
    )
    secret = WebhookSecret.objects.issue(connection)
    WebhookSecret.objects.filter(pk=secret.pk).update(expires_at=now + timedelta(days=3))


def _furnish_healthy(connection: ProviderConnection, now: datetime) -> None:
    factories.webhook_secret(connection)
    campaign = factories.campaign(connection, "Healthy wave", status_at=now - LONG_AGO)
    account = factories.email_account(
        connection, "well@initech.example", provider_created_at=now - LONG_AGO, warmup_score=98
    )
    for days in range(35):
        factories.daily_stats(
            campaign,
            day=now.date() - timedelta(days=days),
            email_account=account.address,
            sent=40,
            unique_replies=3,
            bounces=days % 2,
        )
    with rls.scope(rls.SYSTEM):
        sources.keep(MeasurementKind.LEADS_LEFT, {campaign.pk: 900}, now)
