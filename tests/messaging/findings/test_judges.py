"""Each rule of findings: beyond its limit, exactly on it, and on a sample that is too small."""

from collections.abc import Callable

import pytest

from messaging.choices import Severity
from messaging.comparison import Sample, compare
from messaging.findings import judges, rules
from messaging.findings.judges import Judgement

CRITICAL, WARNING, NOTICE = Severity

Judge = Callable[..., Judgement | None]


def decided(*samples: tuple[int, int]) -> Judgement | None:
    numbered = [Sample(number, sent, hits) for number, (sent, hits) in enumerate(samples, 1)]
    return judges.decided_variant(compare(numbered), place="1A")


def halved(sent: int, replied: int, sent_before: int = 1000, replied_before: int = 100) -> Judgement | None:
    return judges.replies_halved(sent=sent, replied=replied, sent_before=sent_before, replied_before=replied_before)


FIRES: dict[str, tuple[Callable[[], Judgement | None], Severity]] = {
    "bounces above 3 %": (lambda: judges.bounces(sent=100, bounced=4), WARNING),
    "bounces above 5 %": (lambda: judges.bounces(sent=100, bounced=6), CRITICAL),
    "bounces on exactly 50 sent": (lambda: judges.bounces(sent=50, bounced=3), CRITICAL),
    "three bounces on 75 sent": (lambda: judges.bounces(sent=75, bounced=3), WARNING),
    "complaints above 0.1 %": (lambda: judges.complaints(sent=3000, complained=4), WARNING),
    "complaints above 0.3 %": (lambda: judges.complaints(sent=3000, complained=10), CRITICAL),
    "reply rate below half": (lambda: halved(400, 10), WARNING),
    "reply rate on exactly 200 sent": (lambda: halved(200, 4, 200, 40), WARNING),
    "51 sent on a day": (lambda: judges.over_daily(most_sent=51, age_days=400), WARNING),
    "21 sent by a young account": (lambda: judges.over_daily(most_sent=21, age_days=29), WARNING),
    "score 11 below its highest": (lambda: judges.warmup_falling([90, 99, 88]), WARNING),
    "a connection error": (lambda: judges.account_broken(status="connection_error", is_gone=False), CRITICAL),
    "an account that is gone": (lambda: judges.account_broken(status="active", is_gone=True), CRITICAL),
    "a campaign stopped by bounce protection": (
        lambda: judges.not_sending(status="bounce_protect", not_sending="", active_days=0, silent_days=0), CRITICAL,
    ),
    "a campaign with an error": (
        lambda: judges.not_sending(status="active", not_sending="error", active_days=0, silent_days=0), CRITICAL,
    ),
    "a campaign silent for five days": (
        lambda: judges.not_sending(status="active", not_sending="waiting_for_lead", active_days=9, silent_days=5), WARNING,
    ),
    "leads for less than a week": (lambda: judges.leads_left(left=69, started=70), WARNING),
    "leads for less than two days": (lambda: judges.leads_left(left=19, started=70), CRITICAL),
    "leads on exactly 20 started": (lambda: judges.leads_left(left=0, started=20), CRITICAL),
    "a reply of 25 hours": (lambda: judges.replies_waiting(count=1, oldest_hours=25), WARNING),
    "a reply of 73 hours": (lambda: judges.replies_waiting(count=3, oldest_hours=73), CRITICAL),
    "a campaign of nobody": (lambda: judges.unassigned(is_house=True, is_shared=True), WARNING),
    "a token of 6.9 days": (lambda: judges.expiring(rules.EXPIRING_TOKEN, days_left=6.9), WARNING),
    "a variant clearly better": (lambda: decided((400, 60), (400, 20)), NOTICE),
}  # fmt: skip

SILENT: dict[str, Callable[[], Judgement | None]] = {
    "bounces on 49 sent": lambda: judges.bounces(sent=49, bounced=49),
    "two bounces on 50 sent, which chance explains": lambda: judges.bounces(sent=50, bounced=2),
    "bounces on nothing sent": lambda: judges.bounces(sent=0, bounced=0),
    "bounces of exactly 3 %": lambda: judges.bounces(sent=100, bounced=3),
    "complaints on 2,999 sent": lambda: judges.complaints(sent=2999, complained=50),
    "one complaint": lambda: judges.complaints(sent=3000, complained=1),
    "complaints of exactly 0.1 %": lambda: judges.complaints(sent=3000, complained=3),
    "reply rate on 199 sent": lambda: halved(199, 0),
    "reply rate after 199 sent before": lambda: halved(400, 0, 199, 40),
    "reply rate of exactly half": lambda: halved(1000, 50),
    "reply rate below half within chance": lambda: halved(200, 0, 200, 2),
    "reply rate of nothing before": lambda: halved(400, 0, 400, 0),
    "50 sent on a day": lambda: judges.over_daily(most_sent=50, age_days=400),
    "20 sent by a young account": lambda: judges.over_daily(most_sent=20, age_days=0),
    "21 sent at 30 days": lambda: judges.over_daily(most_sent=21, age_days=30),
    "21 sent at an unknown age": lambda: judges.over_daily(most_sent=21, age_days=None),
    "two scores": lambda: judges.warmup_falling([99, 10]),
    "score exactly 10 below its highest": lambda: judges.warmup_falling([90, 99, 89]),
    "a paused account": lambda: judges.account_broken(status="paused", is_gone=False),
    "a campaign outside of its schedule": lambda: judges.not_sending(
        status="active", not_sending="outside_schedule", active_days=90, silent_days=4
    ),
    "a campaign that became active lately": lambda: judges.not_sending(
        status="active", not_sending="", active_days=4, silent_days=28
    ),
    "a paused campaign": lambda: judges.not_sending(
        status="paused", not_sending="error", active_days=90, silent_days=90
    ),
    "leads for exactly a week": lambda: judges.leads_left(left=70, started=70),
    "leads on 19 started": lambda: judges.leads_left(left=0, started=19),
    "a reply of exactly 24 hours": lambda: judges.replies_waiting(count=5, oldest_hours=24),
    "no replies": lambda: judges.replies_waiting(count=0, oldest_hours=99),
    "a campaign of the house's own workspace": lambda: judges.unassigned(is_house=True, is_shared=False),
    "an assigned campaign": lambda: judges.unassigned(is_house=False, is_shared=True),
    "a token of exactly 7 days": lambda: judges.expiring(rules.EXPIRING_TOKEN, days_left=7),
    "variants on 99 sent": lambda: decided((99, 50), (99, 0)),
    "variants within chance": lambda: decided((400, 22), (400, 20)),
    "a single variant": lambda: decided((400, 60)),
}


@pytest.mark.parametrize("case", list(FIRES), ids=str)
def test_the_rule_fires_with_its_severity(case: str):
    judge, severity = FIRES[case]
    found = judge()
    assert found is not None and found.severity == severity


@pytest.mark.parametrize("case", list(SILENT), ids=str)
def test_the_rule_is_silent(case: str):
    assert SILENT[case]() is None
