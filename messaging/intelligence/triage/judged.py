"""Comparison of triage and the provider's AI with people: confusion table, accuracy by week."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import F, Q
from django.db.models.functions import Coalesce, Left

from messaging.models import CategoryCorrection, Message

from .classes import ORDER, Category
from .facts import BY_LABEL
from .language import language_of

LATEST = 5_000
"""Maximum of judged replies that are counted, the latest ones."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A reply whose category a person set. `provider_right`: whether the provider's AI agrees; None if it gave no category."""

    message_id: UUID
    contact_id: UUID
    said: Category
    predicted: Category
    provider_right: bool | None
    language: str
    at: datetime

    @property
    def is_right(self) -> bool:
        return self.said is self.predicted


@dataclass(frozen=True, slots=True)
class Share:
    """A share as two numbers: `right` of `total` answers agreed with a person's."""

    right: int
    total: int


@dataclass(frozen=True, slots=True)
class Week:
    monday: date
    ours: Share
    provider: Share


def judged(organization_id: UUID, *, language: str = "") -> list[Judged]:
    """Return the judged replies of an organization, latest first, of one language or all; in two statements, in the caller's scope."""
    rows = CategoryCorrection.objects.filter(organization=organization_id).order_by("-corrected_at", "id")
    said = {row.pk: row for row in rows[:LATEST]}
    label = Coalesce("contact__staff_interest", "contact__interest")
    about = Q(contact__staff_interest=None) & Q(contact__interest_at__gte=F("happened_at"))
    mails = (
        Message.objects.filter(organization=organization_id, pk__in=list(said))
        .annotate(text=Left(Coalesce("reply_text", "body_text"), 2000), label=label, is_about=about)
        .values_list("pk", "contact_id", "text", "contact__interest", "is_about")
    )
    texts = {
        pk: (contact, language_of(text), interest if is_about else None)
        for pk, contact, text, interest, is_about in mails
    }
    found = []
    for pk, row in said.items():
        if pk not in texts or row.category not in ORDER or row.predicted not in ORDER:
            continue
        contact, spoken, interest = texts[pk]
        if language and spoken != language:
            continue
        category = Category(row.category)
        means = BY_LABEL.get(interest or "")
        right = category in means if means else None
        found.append(Judged(pk, contact, category, Category(row.predicted), right, spoken, row.corrected_at))
    return found


def share(rows: Sequence[Judged]) -> Share:
    return Share(sum(row.is_right for row in rows), len(rows))


def provider_share(rows: Sequence[Judged]) -> Share:
    told = [row.provider_right for row in rows if row.provider_right is not None]
    return Share(sum(told), len(told))


def confusion_matrix(rows: Sequence[Judged]) -> dict[tuple[Category, Category], int]:
    """Return counts of judged replies by (category set by a person, category predicted by the engine)."""
    found: dict[tuple[Category, Category], int] = {}
    for row in rows:
        found[row.said, row.predicted] = found.get((row.said, row.predicted), 0) + 1
    return found


def weeks(rows: Sequence[Judged]) -> list[Week]:
    """Return accuracy by the week (UTC) in which people judged, latest first."""
    by_week: dict[date, list[Judged]] = {}
    for row in rows:
        day = row.at.date()
        by_week.setdefault(day - timedelta(days=day.weekday()), []).append(row)
    return [Week(monday, share(own), provider_share(own)) for monday, own in sorted(by_week.items(), reverse=True)]
