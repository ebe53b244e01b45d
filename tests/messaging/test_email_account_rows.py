"""Health findings on email accounts: each rule at its threshold, the worst first."""

from datetime import UTC, datetime

import pytest

from accounts.models import EmailAccount
from messaging.email_account_health import EmailAccountHealth
from messaging.email_account_rows import AccountRow, Finding, finding, worst_first
from messaging.web import words

ACTIVE = {"status": "active", "warmup_status": "active", "warmup_score": 95.0}


def found(health: EmailAccountHealth | None = None, **fields) -> Finding:
    return finding(EmailAccount(**(ACTIVE | fields)), health or EmailAccountHealth())


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, Finding.GOOD), ({"missing_since": datetime(2026, 7, 1, tzinfo=UTC)}, Finding.GONE),
        ({"status": "suspended"}, Finding.SUSPENDED),
        ({"status": "sending_error"}, Finding.ERROR), ({"status": "paused"}, Finding.PAUSED), ({"status": "unknown"}, Finding.UNKNOWN),
        ({"warmup_status": "banned"}, Finding.WARMUP_BANNED), ({"warmup_score": 69.9}, Finding.WARMUP_LOW),
        ({"warmup_score": 70}, Finding.GOOD),
        ({"warmup_score": None}, Finding.GOOD), ({"status": "paused", "warmup_score": 10}, Finding.WARMUP_LOW),
    ],
)  # fmt: skip
def test_the_account_state_decides_the_finding(fields, expected):
    assert found(**fields) is expected


@pytest.mark.parametrize(
    ("health", "expected"),
    [
        (EmailAccountHealth(sent=100, bounces=5, replies=1), Finding.GOOD),
        (EmailAccountHealth(sent=100, bounces=6, replies=1), Finding.BOUNCES),
        (EmailAccountHealth(sent=19, bounces=19), Finding.GOOD),
        (EmailAccountHealth(sent=300, complaints=1, replies=1), Finding.COMPLAINTS),
        (EmailAccountHealth(sent=1000, complaints=3, replies=1), Finding.GOOD),
        (EmailAccountHealth(sent=200), Finding.SILENT),
        (EmailAccountHealth(sent=199), Finding.GOOD),
    ],
)  # fmt: skip
def test_the_weeks_figures_decide_the_finding(health, expected):
    assert found(health) is expected


def test_the_worst_accounts_come_first_and_healthy_ones_are_left_out():
    rows = [
        AccountRow(EmailAccount(**(ACTIVE | {"status": status})), EmailAccountHealth(), ())
        for status in ("active", "sending_error", "suspended", "paused")
    ]
    assert [row.finding for row in worst_first(rows)] == [Finding.SUSPENDED, Finding.ERROR]


def test_every_finding_has_a_word_and_its_rule():
    assert set(words.FINDINGS) == set(Finding)
