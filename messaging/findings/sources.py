"""Findings in rollups, conversations and mirrored objects, in a fixed number of statements."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any
from uuid import UUID

from django.db.models import Count, Max, Min, Q, QuerySet, Sum
from knox.models import get_token_model

from accounts.choices import EmailAccountStatus
from accounts.models import EmailAccount, Organization
from campaigns.choices import CampaignStatus
from campaigns.models import Campaign
from campaigns.sequence import steps
from messaging.choices import FindingTarget, MeasurementKind
from messaging.comparison import Sample, compare
from messaging.findings import judges, rules
from messaging.findings.engine import Found, Source, Target
from messaging.findings.judges import Judgement
from messaging.models import Conversation, DailyStats, Measurement
from messaging.querysets import late_condition

WEEK, FOUR_WEEKS, FORTNIGHT = timedelta(days=7), timedelta(days=28), timedelta(days=14)
LINE = timedelta(days=90)
"""Period over which the variants of a step are compared."""
MEASURED = timedelta(days=2)
"""Age beyond which a count of leads is not judged."""
SENDING = (CampaignStatus.ACTIVE, CampaignStatus.RUNNING_SUBSEQUENCES)
RESTING = (EmailAccountStatus.PAUSED, EmailAccountStatus.MAINTENANCE)
"""States of email accounts that do not send and are therefore not judged by their sends."""


@dataclass(frozen=True, slots=True)
class Week:
    """Stats of one object: sums of the last 7 days (today included) and of the four weeks before, and sends of the busier of the last two
    days.
    """

    sent: int = 0
    bounces: int = 0
    replied: int = 0
    sent_before: int = 0
    replied_before: int = 0
    started: int = 0


def campaign(row: Campaign) -> Target:
    return Target(FindingTarget.CAMPAIGN, row.pk, row.name, row.organization_id)


def email_account(row: EmailAccount) -> Target:
    return Target(FindingTarget.EMAIL_ACCOUNT, row.pk, row.address, row.organization_id)


def rates(now: datetime) -> Iterator[Found]:
    """Judge bounces and replies of campaigns and email accounts, and the leads that campaigns have left."""
    accounts = {(row.connection_id, row.address): row for row in _accounts().exclude(status__in=RESTING)}
    campaigns = {row.pk: row for row in _campaigns().filter(status__in=SENDING)}
    by_campaign = _weeks(now, ["campaign_id"])
    by_account = _weeks(now, ["campaign__connection_id", "email_account"])
    left = _measured(MeasurementKind.LEADS_LEFT, now - MEASURED, now)
    for (pk,), week in by_campaign.items():
        row = campaigns.get(pk)
        if row is None:
            continue
        yield from _found(campaign(row), _of_week(week))
        if row.status == CampaignStatus.ACTIVE and pk in left:
            yield from _found(campaign(row), [judges.leads_left(left=left[pk][-1], started=week.started)])
    for key, week in by_account.items():
        if key in accounts:
            yield from _found(email_account(accounts[key]), _of_week(week))


def _of_week(week: Week) -> list[Judgement | None]:
    return [
        judges.bounces(sent=week.sent, bounced=week.bounces),
        judges.replies_halved(
            sent=week.sent, replied=week.replied, sent_before=week.sent_before, replied_before=week.replied_before
        ),
    ]


def complaints(now: datetime) -> Iterator[Found]:
    """Judge the complaints of each organization, because a single campaign has too few sends for the sample."""
    rows = _stats(now - FOUR_WEEKS, now).values_list("organization_id").annotate(a=Sum("sent"), b=Sum("complaints"))
    known = dict(Organization.objects.values_list("pk", "name"))
    for pk, sent, complained in rows:
        if pk in known:
            target = Target(FindingTarget.ORGANIZATION, pk, known[pk], pk)
            yield from _found(target, [judges.complaints(sent=sent, complained=complained)])


def email_accounts(now: datetime) -> Iterator[Found]:
    """Judge state, daily sends and warm-up of each email account."""
    most: dict[tuple[UUID, str], int] = {}
    days = _stats(now - timedelta(days=2), now).values_list("campaign__connection_id", "email_account", "day")
    for connection, address, _, sent in days.annotate(sum=Sum("sent")):
        most[connection, address] = max(most.get((connection, address), 0), sent)
    scores = _measured(MeasurementKind.WARMUP_SCORE, now - FORTNIGHT, now)
    for row in _accounts():
        age = (now - row.provider_created_at).days if row.provider_created_at else None
        yield from _found(
            email_account(row), [judges.account_broken(status=row.status, is_gone=row.missing_since is not None)]
        )
        if row.status in RESTING:
            continue
        sent = most.get((row.connection_id, row.address), 0)
        verdicts = [
            judges.over_daily(most_sent=sent, age_days=age),
            judges.warmup_falling(scores.get(row.pk, [])),
        ]
        yield from _found(email_account(row), verdicts)


def campaign_states(now: datetime) -> Iterator[Found]:
    """Judge campaigns that are active but do not send, or that are assigned to no customer."""
    sent: Any = DailyStats.objects.filter(
        organization__in=_organizations(), day__gt=(now - FOUR_WEEKS).date(), day__lte=now.date(), sent__gt=0
    )
    last = dict(sent.order_by().values_list("campaign_id").annotate(day=Max("day")))
    for row in _campaigns().filter(missing_since__isnull=True).select_related("organization", "connection"):
        since = row.status_at or row.provider_created_at or row.created_at
        active_days = (now - since) / timedelta(days=1)
        silent = (now.date() - last[row.pk]).days if row.pk in last else min(int(active_days), FOUR_WEEKS.days)
        verdicts = [
            judges.not_sending(
                status=row.status, not_sending=row.not_sending, active_days=active_days, silent_days=silent
            ),
            judges.unassigned(is_house=row.organization.is_house, is_shared=row.connection.is_shared),
        ]
        yield from _found(campaign(row), verdicts)


def waiting_replies(now: datetime) -> Iterator[Found]:
    """Judge how many replies of each organization wait for an answer too long; snoozed and closed ones do not count."""
    since = now - timedelta(hours=rules.REPLIES_WAITING.limit)
    late = Conversation.objects.filter(late_condition(before=since), organization__in=_organizations())
    known = dict(Organization.objects.values_list("pk", "name"))
    for pk, count, oldest in late.order_by().values_list("organization_id").annotate(Count("pk"), Min("waiting_since")):
        target = Target(FindingTarget.ORGANIZATION, pk, known[pk], pk)
        hours = (now - oldest) / timedelta(hours=1)
        yield from _found(target, [judges.replies_waiting(count=count, oldest_hours=int(hours))])


def variants(now: datetime) -> Iterator[Found]:
    """Compare the variants of each step of active campaigns; variants switched off at the provider are left out."""
    active = {row.pk: row for row in Campaign.objects.sending().defer("raw", "schedule", "senders")}
    rows = (
        _stats(now - LINE, now)
        .filter(campaign__in=list(active), step__gt=0, variant__gt=0)
        .order_by("campaign_id", "step", "variant")
        .values_list("campaign_id", "step", "variant")
        .annotate(a=Sum("sent"), b=Sum("unique_replies"))
    )
    for (pk, step), group in groupby(rows, lambda row: row[:2]):
        on = {
            (place.number, variant.number): variant.letter
            for place in steps(active[pk].sequences)
            for variant in place.variants
            if not variant.is_disabled
        }
        samples = [Sample(number, sent, hits) for _, _, number, sent, hits in group if (step, number) in on]
        comparison = compare(samples)
        letter = on.get((step, comparison.leader.name), "") if comparison.leader else ""
        yield from _found(campaign(active[pk]), [judges.decided_variant(comparison, place=f"{step}{letter}")])


def tokens(now: datetime) -> Iterator[Found]:
    """Judge the API tokens of each active user that expire, by the last one to expire."""
    valid = get_token_model().objects.filter(Q(expiry__isnull=True) | Q(expiry__gt=now), user__is_active=True)
    lasting = valid.filter(expiry__isnull=True).values("user")
    ends = valid.exclude(user__in=lasting).order_by().values_list("user_id", "user__email").annotate(end=Max("expiry"))
    for pk, email, end in ends:
        target = Target(FindingTarget.USER, pk, email)
        days = (end - now) / timedelta(days=1)
        yield from _found(target, [judges.expiring(rules.EXPIRING_TOKEN, days_left=round(days, 1))])


SOURCES = (
    Source("rates", (rules.BOUNCES, rules.REPLIES_HALVED, rules.LEADS_LEFT), rates),
    Source("complaints", (rules.COMPLAINTS,), complaints),
    Source("email accounts", (rules.ACCOUNT_BROKEN, rules.OVER_DAILY, rules.WARMUP_FALLING), email_accounts),
    Source("campaign states", (rules.NOT_SENDING, rules.UNASSIGNED), campaign_states),
    Source("waiting replies", (rules.REPLIES_WAITING,), waiting_replies),
    Source("variants", (rules.DECIDED_VARIANT,), variants),
    Source("tokens", (rules.EXPIRING_TOKEN,), tokens),
)


def measure(now: datetime) -> int:
    """Keep today's warm-up score of every email account, and delete values older than 90 days; return how many scores were stored."""
    Measurement.objects.filter(day__lt=(now - LINE).date()).delete()
    scores: Any = EmailAccount.objects.filter(warmup_score__isnull=False, missing_since__isnull=True)
    return keep(MeasurementKind.WARMUP_SCORE, dict(scores.values_list("pk", "warmup_score")), now)


def keep(kind: MeasurementKind, values: Mapping[UUID, float], now: datetime) -> int:
    """Store the values of a day by object; a later one of the day replaces the earlier."""
    rows = [
        Measurement(kind=kind, target_id=pk, day=now.date(), value=value, measured_at=now)
        for pk, value in values.items()
    ]
    Measurement.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["kind", "target_id", "day"],
        update_fields=["value", "measured_at"],
    )
    return len(rows)


def _found(target: Target, verdicts: list[Judgement | None]) -> Iterator[Found]:
    yield from (Found(target, verdict) for verdict in verdicts if verdict is not None)


def _organizations() -> list[UUID]:
    """Return the ids of all active organizations, because the indexes begin with the organization."""
    return list(Organization.objects.filter(is_active=True).values_list("pk", flat=True))


def _accounts() -> "QuerySet[EmailAccount]":
    return EmailAccount.objects.filter(organization__is_active=True, connection__is_active=True).defer("raw")


def _campaigns() -> "QuerySet[Campaign]":
    return Campaign.objects.filter(organization__is_active=True, connection__is_active=True, removed_at=None).defer(
        "raw", "sequences", "schedule", "senders", "connection__api_key", "connection__raw"
    )


def _stats(since: datetime, now: datetime) -> Any:
    """Return the rollups of the days after `since`, up to today."""
    return DailyStats.objects.filter(
        organization__in=_organizations(), day__gt=since.date(), day__lte=now.date()
    ).order_by()


def _weeks(now: datetime, by: list[str]) -> dict[tuple[Any, ...], Week]:
    this = Q(day__gt=(now - WEEK).date())
    rows = (
        _stats(now - WEEK - FOUR_WEEKS, now)
        .filter(campaign__isnull=False)
        .values_list(*by)
        .annotate(
            a=Sum("sent", filter=this, default=0),
            b=Sum("bounces", filter=this, default=0),
            c=Sum("unique_replies", filter=this, default=0),
            d=Sum("sent", filter=~this, default=0),
            e=Sum("unique_replies", filter=~this, default=0),
            f=Sum("sent", filter=this & Q(step=1), default=0),
        )
    )
    return {tuple(row[: len(by)]): Week(*row[len(by) :]) for row in rows}


def _measured(kind: MeasurementKind, since: datetime, now: datetime) -> dict[UUID, list[float]]:
    """Return the daily values of each object, the oldest first."""
    found: dict[UUID, list[float]] = {}
    rows = Measurement.objects.filter(kind=kind, day__gt=since.date(), day__lte=now.date()).order_by("day")
    for pk, value in rows.values_list("target_id", "value"):
        found.setdefault(pk, []).append(value)
    return found
