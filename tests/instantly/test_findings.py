"""Findings end to end: a faulty workspace, a healthy one, and what a run changes."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.models import EmailAccount
from campaigns.models import Campaign
from instantly import findings
from instantly.connections.services import client_for
from instantly.finding_rules import OF_ALERTS
from instantly.models import Alert, StaffAction
from messaging.findings import engine, rules, snoozes
from messaging.findings.words import figure, sentence
from messaging.models import Finding, Measurement
from salesbrain import rls
from tests import factories, faulty_world
from tests.faulty_world import FaultyWorld
from tests.instantly.conftest import fake, instantly, workspace  # noqa: F401  the emulator on a real socket

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 7, 10, 12, tzinfo=UTC)


@pytest.fixture
def world() -> FaultyWorld:
    return faulty_world.build()


def now() -> datetime:
    return datetime.now(UTC)


def rows(**of: object) -> list[Finding]:
    with rls.scope(rls.SYSTEM):
        return list(Finding.objects.filter(**of).order_by("rule", "target_name"))


def test_one_run_finds_every_seeded_fault(world):
    changes = findings.update(now=now())
    assert changes.failed == []
    assert {row.rule for row in rows(until=None)} == set(rules.registered())


def test_nothing_is_found_in_a_healthy_customer(world):
    findings.update(now=now())
    assert rows(organization=world.healthy) == []


def test_faults_are_found_on_their_own_objects(world):
    findings.update(now=now())
    found = {(row.rule, row.target_name) for row in rows(target_type__in=["campaign", "email_account"])}
    assert found == {
        ("bounces", "bouncing"), ("bounces", "burning@acme.example"), ("replies_halved", "fading"),
        ("over_daily", "busy@acme.example"), ("warmup_falling", "cooling@acme.example"), ("account_broken", "broken@acme.example"),
        ("not_sending", "stopped"), ("leads_left", "running out"), ("unassigned", "unassigned"), ("decided_variant", "compared"),
    }  # fmt: skip


def test_a_finding_has_figure_rule_and_customer(world):
    findings.update(now=now())
    (row,) = rows(rule="bounces", target_type="email_account")
    assert (row.severity, row.organization_id, row.sample, row.floor) == ("critical", world.acme.pk, 80, 50)
    assert figure(row) == "12.5\u00a0%"
    assert "of 80 emails sent in 7 days came back; the rule: more than 5.0\u00a0%, from 50 sent" in sentence(row)


def test_every_rule_has_a_sentence_for_what_it_finds(world):
    findings.update(now=now())
    for row in rows():
        assert sentence(row) and "%(" not in sentence(row), row.rule


def test_a_second_run_changes_nothing(world):
    at = now()
    findings.update(now=at)
    before = {row.pk: (row.since, row.updated_at) for row in rows()}
    changes = findings.update(now=at + timedelta(minutes=5))
    assert (changes.opened, changes.changed, changes.closed) == ([], [], [])
    assert {row.pk: (row.since, row.updated_at) for row in rows()} == before


def test_a_finding_that_ended_is_closed_and_kept_and_may_open_again(world):
    findings.update(now=now())
    account = world.accounts["broken"]
    for status, states in (("active", [False]), ("suspended", [False, True])):
        with rls.scope(rls.SYSTEM):
            EmailAccount.objects.filter(pk=account.pk).update(status=status)
        findings.update(now=now())
        found = rows(rule="account_broken", target_id=account.pk)
        assert sorted(row.until is None for row in found) == states
    assert sorted(row.reason for row in found) == ["connection_error", "suspended"]


def test_a_changed_figure_updates_the_open_finding_and_keeps_its_start(world):
    findings.update(now=now())
    (before,) = rows(rule="bounces", target_type="campaign")
    factories.daily_stats(world.campaigns["bouncing"], day=now().date() - timedelta(days=2), sent=100)
    findings.update(now=now())
    (after,) = rows(rule="bounces", target_type="campaign")
    assert (after.pk, after.since) == (before.pk, before.since)
    assert (after.sample, before.sample) == (180, 80)


def test_a_closed_finding_names_the_action_before_it(world):
    findings.update(now=now())
    account = world.accounts["broken"]
    with rls.scope(rls.SYSTEM):
        at = now()
        values = {
            "connection": world.connection,
            "target_name": "x",
            "actor_name": "x",
            "state": "done",
            "finished_at": at,
        }
        other = StaffAction.objects.create(kind="account_pause", target_id=account.pk, **values)
        action = StaffAction.objects.create(kind="account_resume", target_id=account.pk, **values)
        EmailAccount.objects.filter(pk=account.pk).update(status="active")
    findings.update(now=now())
    (row,) = rows(rule="account_broken")
    assert row.action_id == action.pk != other.pk


def test_an_alert_is_a_finding_until_it_is_resolved(world):
    findings.update(now=now())
    assert {row.rule for row in rows(until=None)} >= {str(kind) for kind in OF_ALERTS}
    with rls.scope(rls.SYSTEM):
        Alert.objects.update(resolved_at=now())
    findings.update(now=now())
    assert {row.rule for row in rows(until=None)} & {str(kind) for kind in OF_ALERTS} == set()


def test_a_broken_source_keeps_its_findings_and_hides_no_others(world, caplog):
    findings.update(now=now())

    def broken(at: datetime) -> list[engine.Found]:
        raise ZeroDivisionError

    with rls.scope(rls.SYSTEM):
        EmailAccount.objects.update(status="active")
        Campaign.objects.filter(name="stopped").update(status="paused")
    own = {source.name: source for source in findings.SOURCES}
    bad = engine.Source("email accounts", own["email accounts"].rules, broken)
    changes = engine.run([bad, own["campaign states"]], now=now())
    assert (changes.failed, [row.rule for row in changes.closed]) == (["email accounts"], ["not_sending"])
    assert "Could not look for findings of email accounts" in caplog.text
    assert rows(rule="account_broken", until=None)


def test_an_object_has_one_open_finding_of_a_rule(world):
    findings.update(now=now())
    (row,) = rows(rule="leads_left")
    with rls.scope(rls.SYSTEM), pytest.raises(IntegrityError), transaction.atomic():
        row.pk = None
        row._state.adding = True
        row.save(force_insert=True)


def test_a_snooze_needs_a_reason_and_a_near_end_and_is_kept_by_runs(world):
    at = now()
    findings.update(now=at)
    (row,) = rows(rule="leads_left")
    with rls.scope(rls.SYSTEM):
        for until, reason in ((at, "later"), (at + timedelta(days=91), "later"), (at + timedelta(days=1), " ")):
            with pytest.raises(snoozes.InvalidSnooze):
                snoozes.snooze([row.pk], until=until, reason=reason, by="op", now=at)
        until = at + timedelta(days=7)
        assert snoozes.snooze([row.pk], until=until, reason="new list on Monday", by="op", now=at) == 1
    findings.update(now=at + timedelta(minutes=5))
    with rls.scope(rls.SYSTEM):
        assert row not in snoozes.open_findings(at + timedelta(minutes=5))
        assert row in snoozes.open_findings(until)
        assert snoozes.wake([row.pk], now=at) == 1
        assert row in snoozes.open_findings(at)


def test_the_number_of_statements_does_not_depend_on_the_number_of_objects(world):
    def statements() -> int:
        with CaptureQueriesContext(connection) as captured:
            findings.update(now=at)
        return len(captured)

    at = now()
    findings.update(now=at)
    few = statements()
    for number in range(6):
        organization = factories.organization(f"Customer {number}".replace(" ", "-"))
        own = factories.connection(f"c{number}", organization, status="working")
        factories.webhook_secret(own)
        campaign = factories.campaign(own)
        factories.email_account(own, f"a{number}@own.example")
        factories.daily_stats(campaign, day=at.date(), sent=10)
    assert statements() == few


@pytest.mark.parametrize("model", [Finding, Measurement], ids=lambda model: model.__name__)
def test_customers_read_no_finding(world, model):
    findings.update(now=now())
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        transaction.atomic(),
        rls.scope(rls.customer(world.acme.pk)),
    ):
        model.objects.exists()


@pytest.fixture
def sending(acme_connection, workspace, instantly) -> Campaign:  # noqa: F811
    """Return a campaign that has sent mails, so that Instantly's analytics include it."""
    space = workspace(acme_connection)
    instantly.set_rate(4)
    instantly.advance(30)
    with client_for(acme_connection) as client:
        (known, *_) = (row.campaign_id for row in client.campaign_analytics())
        assert (
            len(
                list(
                    client.add_leads([{"email": f"new{number}@lead.example"} for number in range(3)], campaign_id=known)
                )
            )
            == 1
        )
    assert any(row["id"] == known for row in space.campaigns)
    return factories.campaign(acme_connection, provider_id=known)


def test_leads_left_are_counted_at_instantly(sending):
    assert findings.count_leads(now=NOW) == 1
    with rls.scope(rls.SYSTEM):
        (kept,) = Measurement.objects.values_list("target_id", "value", "day")
    assert kept == (sending.pk, 3, NOW.date()), "three were added and not contacted"


def test_a_connection_that_fails_does_not_stop_the_counting(globex_connection, sending, caplog):
    """Globex's API key is refused by the emulator; the other connections are counted."""
    caplog.set_level("INFO")
    assert findings.count_leads(now=NOW) == 1
    assert f"Leads of {globex_connection.pk} were not counted" in caplog.text
