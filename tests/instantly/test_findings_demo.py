"""Findings in the demo's history of 90 days: its planted faults and nothing else."""

import json
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from accounts.models import EmailAccount
from campaigns.models import Campaign
from instantly import findings
from instantly.emulator import FakeInstantly, Habits, ManualClock, demo_cast
from instantly.emulator.entry_points import history, snapshot
from instantly.emulator.entry_points.workspace_file import WorkspaceFile
from instantly.sync.statuses import CAMPAIGN, EMAIL_ACCOUNT
from messaging.models import DailyStats, Finding
from salesbrain import rls
from tests import factories

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
COUNTED = {"email_sent": "sent", "email_bounced": "bounces", "reply_received": "unique_replies"}
BURNT = "jonas.vogt@get-acme.example"
BROKEN = "team@mail-umbrella.example"


@pytest.fixture
def demo(tmp_path: Path) -> FakeInstantly:
    """The emulator at the end of the history, whose campaigns, mailboxes and daily stats are stored."""
    file = tmp_path / "history.ndjson"
    names = tuple({"name": name, "key": f"key of {name}"} for name in demo_cast.CASTS)
    content = history.make(WorkspaceFile(names), seed=0, now=NOW, history=file)
    fake = FakeInstantly(0, ManualClock(NOW), assumptions=history.live_assumptions(), habits=Habits.real_time())
    snapshot.load(fake, content)
    campaigns = {}
    for name in demo_cast.CASTS:
        connection = factories.connection(name, factories.organization(name.title()), status="working")
        factories.webhook_secret(connection)
        space = fake.workspace(name)
        for row in space.accounts:
            factories.email_account(
                connection, row["email"], status=EMAIL_ACCOUNT[row["status"]], warmup_score=row["stat_warmup_score"],
                provider_created_at=row["timestamp_created"],
            )  # fmt: skip
        for row in space.campaigns:
            campaigns[row["id"]] = factories.campaign(
                connection, row["name"], provider_id=row["id"], status=CAMPAIGN[row["status"]], sequences=row["sequences"],
                status_at=row["timestamp_created"],
            )  # fmt: skip
    _store(file, campaigns)
    return fake


def _store(file: Path, campaigns: dict[str, Campaign]) -> None:
    counted: dict[tuple[Any, ...], Counter[str]] = {}
    for line in file.read_text(encoding="utf-8").splitlines():
        body = json.loads(line).get("payload") or {}
        figure = COUNTED.get(body.get("event_type", ""))
        if figure and body["campaign_id"]:
            key = body["campaign_id"], body["email_account"], body["timestamp"][:10], body["step"], body["variant"]
            counted.setdefault(key, Counter())[figure] += 1
    with rls.scope(rls.SYSTEM):
        DailyStats.objects.bulk_create(
            DailyStats(
                organization_id=campaigns[campaign].organization_id, campaign=campaigns[campaign], email_account=account,
                day=date.fromisoformat(day), step=step, variant=variant, **figures,
            )
            for (campaign, account, day, step, variant), figures in counted.items()
        )  # fmt: skip


def found(*, days_ago: int = 0) -> set[tuple[str, str]]:
    """Return rule and object of the findings that are open after a run `days_ago` days before the end of the history."""
    findings.update(now=NOW - timedelta(days=days_ago))
    with rls.scope(rls.SYSTEM):
        return set(Finding.objects.filter(until=None).values_list("rule", "target_name"))


def test_the_faults_of_the_demo_are_found_and_nothing_healthy(demo):
    burnt = set(_campaigns_of(BURNT))
    rows = found()
    assert {
        ("bounces", BURNT),
        ("account_broken", BROKEN),
        ("decided_variant", "Logistics UK – late deliveries"),
    } <= rows
    others = {(rule, name) for rule, name in rows if name not in {BURNT, BROKEN, *burnt}}
    assert {rule for rule, _name in others} <= {"decided_variant"}, others


def test_without_its_faults_the_demo_has_no_finding(demo):
    """The burnt mailbox rests and its mails are not counted, the broken one works again, and no step has variants."""
    heal()
    assert found() == set()


def test_no_healthy_mailbox_bounces_too_much_in_any_week_of_the_history(demo):
    heal()
    for days_ago in range(0, 70, 3):
        rows = {row for row in found(days_ago=days_ago) if row[0] == "bounces"}
        assert rows == set(), days_ago


def heal() -> None:
    """Take the faults out of the demo."""
    with rls.scope(rls.SYSTEM):
        DailyStats.objects.filter(email_account=BURNT).delete()
        EmailAccount.objects.filter(address=BURNT).update(status="paused")
        EmailAccount.objects.filter(address=BROKEN).update(status="active")
        Campaign.objects.update(sequences=[])


def _campaigns_of(address: str) -> list[str]:
    with rls.scope(rls.SYSTEM):
        return list(
            DailyStats.objects.filter(email_account=address).values_list("campaign__name", flat=True).distinct()
        )
