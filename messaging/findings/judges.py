"""Judgement of each rule: pure functions from measured facts to a verdict or none."""

from collections.abc import Sequence
from dataclasses import dataclass

from accounts.choices import EmailAccountStatus
from campaigns.choices import CampaignStatus, NotSending
from campaigns.querysets import TROUBLED
from messaging.choices import Severity
from messaging.comparison import Comparison, Sample, Verdict, compare
from messaging.findings import rules
from messaging.findings.rules import Rule

BROKEN = (
    EmailAccountStatus.SUSPENDED, EmailAccountStatus.CONNECTION_ERROR, EmailAccountStatus.SOFT_BOUNCE_ERROR,
    EmailAccountStatus.SENDING_ERROR, EmailAccountStatus.ERROR,
)  # fmt: skip
OLD, NEW = 0, 1


@dataclass(frozen=True, slots=True)
class Judgement:
    """A rule's finding without its object; see the columns of the same names of `Finding`."""

    rule: Rule
    severity: Severity
    figure: float | None = None
    limit: float | None = None
    sample: int | None = None
    reason: str = ""
    detail: str = ""


def share(rule: Rule, *, hits: int, sample: int) -> Judgement | None:
    """Judge a share of the sent mails: above the severe limit critical, above the limit a warning; a small sample is not judged."""
    if sample < max(rule.floor, 1):
        return None
    rate = hits / sample
    for severity, limit in ((Severity.CRITICAL, rule.severe), (Severity.WARNING, rule.limit)):
        if limit is not None and rate > limit:
            return Judgement(rule, severity, min(rate, 1.0), limit, sample)
    return None


def bounces(*, sent: int, bounced: int) -> Judgement | None:
    return share(rules.BOUNCES, hits=bounced, sample=sent) if bounced >= rules.FEWEST_BOUNCES else None


def complaints(*, sent: int, complained: int) -> Judgement | None:
    return share(rules.COMPLAINTS, hits=complained, sample=sent) if complained >= rules.FEWEST_COMPLAINTS else None


def replies_halved(*, sent: int, replied: int, sent_before: int, replied_before: int) -> Judgement | None:
    """Judge whether the reply rate of a week fell below the limit's share of the four weeks before, beyond chance."""
    rule = rules.REPLIES_HALVED
    if min(sent, sent_before) < rule.floor:
        return None
    before, now = Sample(OLD, sent_before, replied_before), Sample(NEW, sent, replied)
    limit = (before.rate or 0.0) * rule.limit
    if (now.rate or 0.0) >= limit or compare([before, now]).verdict != Verdict.DECIDED:
        return None
    return Judgement(rule, Severity.WARNING, now.rate, limit, sent)


def over_daily(*, most_sent: int, age_days: int | None) -> Judgement | None:
    """Judge an email account's higher send count of two days against its daily limit, which is lower for a young account."""
    is_young = age_days is not None and age_days < rules.YOUNG_DAYS
    limit = rules.OVER_DAILY_YOUNG if is_young else rules.OVER_DAILY.limit
    return Judgement(rules.OVER_DAILY, Severity.WARNING, most_sent, limit) if most_sent > limit else None


def warmup_falling(scores: Sequence[float]) -> Judgement | None:
    """Judge daily scores of up to 14 days, the latest last."""
    rule = rules.WARMUP_FALLING
    if len(scores) < rule.floor:
        return None
    latest, limit = scores[-1], max(scores) - rule.limit
    return Judgement(rule, Severity.WARNING, latest, limit, len(scores)) if latest < limit else None


def account_broken(*, status: str, is_gone: bool) -> Judgement | None:
    reason = "gone" if is_gone else status if status in BROKEN else ""
    return Judgement(rules.ACCOUNT_BROKEN, Severity.CRITICAL, reason=reason) if reason else None


def not_sending(*, status: str, not_sending: str, active_days: float, silent_days: int) -> Judgement | None:
    """Judge a campaign that does not send: one stopped by a problem at once, an active one after some days without a sent email.

    `silent_days`: since the day of the last sent email, or since it became active. A schedule without weekends explains three days.
    """
    rule = rules.NOT_SENDING
    if status in TROUBLED or (status == CampaignStatus.ACTIVE and not_sending == NotSending.ERROR):
        reason = status if status in TROUBLED else not_sending
        return Judgement(rule, Severity.CRITICAL, silent_days, rule.limit, reason=reason)
    if status != CampaignStatus.ACTIVE or min(active_days, silent_days) <= rule.limit:
        return None
    return Judgement(rule, Severity.WARNING, silent_days, rule.limit, reason=not_sending or "unsaid")


def leads_left(*, left: float, started: int, days: int = 7) -> Judgement | None:
    """Judge how many days the leads left will last, at the pace of the last `days`."""
    rule = rules.LEADS_LEFT
    if started < rule.floor:
        return None
    lasts = left * days / started
    if lasts >= rule.limit:
        return None
    is_severe = rule.severe is not None and lasts < rule.severe
    return Judgement(rule, Severity.CRITICAL if is_severe else Severity.WARNING, lasts, rule.limit, started)


def replies_waiting(*, count: int, oldest_hours: float) -> Judgement | None:
    """Judge the replies of an organization that wait for longer than the limit."""
    rule = rules.REPLIES_WAITING
    if count < rule.floor or oldest_hours <= rule.limit:
        return None
    is_severe = rule.severe is not None and oldest_hours > rule.severe
    return Judgement(rule, Severity.CRITICAL if is_severe else Severity.WARNING, oldest_hours, rule.limit, count)


def unassigned(*, is_house: bool, is_shared: bool) -> Judgement | None:
    return Judgement(rules.UNASSIGNED, Severity.WARNING) if is_house and is_shared else None


def expiring(rule: Rule, *, days_left: float) -> Judgement | None:
    return Judgement(rule, Severity.WARNING, days_left, rule.limit) if days_left < rule.limit else None


def decided_variant(comparison: Comparison, *, place: str) -> Judgement | None:
    """Judge the comparison of a step's variants; `place` names the step and its best variant."""
    rule, best, second = rules.DECIDED_VARIANT, comparison.leader, comparison.runner_up
    if comparison.verdict != Verdict.DECIDED or best is None or second is None or comparison.fewest < rule.floor:
        return None
    return Judgement(rule, Severity.NOTICE, best.rate, second.rate, comparison.fewest, reason=place)
