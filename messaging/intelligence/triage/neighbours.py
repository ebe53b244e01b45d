"""Find the most similar corrected replies of the same organization, shown as a reason for a category."""

from dataclasses import dataclass
from uuid import UUID

import numpy as np
from django.db.models.functions import Coalesce, Left

from messaging.models import CategoryCorrection, Message

from . import features, rules, weights
from .classes import Category
from .sentences import read

LOOKED_AT = 300
LEAST_ALIKE = 0.1
LONGEST_QUOTE = 160


@dataclass(frozen=True, slots=True)
class Neighbour:
    message_id: UUID
    category: Category
    likeness: float
    quote: str


def nearest(message: Message, *, limit: int = 3) -> list[Neighbour]:
    """Return the most similar corrected replies among the latest LOOKED_AT, most similar first, within the reader's scope."""
    verdicts = dict(
        CategoryCorrection.objects.filter(organization_id=message.organization_id)
        .exclude(pk=message.pk)
        .order_by("-corrected_at", "pk")
        .values_list("pk", "category")[:LOOKED_AT]
    )
    rows = (
        Message.objects.filter(organization_id=message.organization_id, pk__in=list(verdicts))
        .annotate(text=Left(Coalesce("reply_text", "body_text"), 10000))
        .values_list("pk", "subject", "text")
    )
    own = dense(message.subject, message.reply_text or message.body_text)
    found = [
        Neighbour(pk, Category(verdicts[pk]), float(own @ dense(subject, text)), (text or "")[:LONGEST_QUOTE])
        for pk, subject, text in rows
    ]
    found = [each for each in found if each.likeness >= LEAST_ALIKE]
    return sorted(found, key=lambda each: (-each.likeness, each.message_id))[:limit]


def dense(subject: str | None, text: str | None) -> np.ndarray:
    """Return a mail's features as a vector of length 1 (0 for an empty one): the product of two is how alike they are, 0 to 1."""
    parts = read(subject, text)
    vector = features.vector(parts, rules.matches(parts), weights.shipped().rarity)
    row = np.zeros(features.COLUMNS, dtype=np.float32)
    np.add.at(row, vector.columns, vector.values)
    length = float(np.linalg.norm(row))
    return row / length if length else row
