"""Reply lab of the triage page: its form, the rules that decided, and replays in words."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.db.models import Count, F, Q
from django.utils.translation import gettext_lazy as _

from messaging.choices import Lane
from messaging.inbox.listing import ANSWERED_FIRST, LANE_OF_CATEGORY
from messaging.intelligence.triage import replay
from messaging.intelligence.triage.adjustments import Adjustments
from messaging.intelligence.triage.classes import CATEGORIES, Source
from messaging.intelligence.triage.rules import BY_ID
from messaging.models import Message, MessageCategory, TriageReplay
from messaging.web import words

EMPTY_ROWS = 2
"""Number of empty rows for further phrases, below the existing ones."""


class LabForm(forms.Form):
    threshold = forms.FloatField(
        label=_("Threshold"), min_value=replay.LOWEST, max_value=replay.HIGHEST,
        help_text=_("Reliability, 0.05 to 0.99, below which a person decides. Higher: fewer answers, fewer errors."),
    )  # fmt: skip


def asked_rules(post: Any) -> dict[str, Any]:
    """Return the changes of rules in a posted form, as the services take them: `off` and `phrases`."""
    pairs = zip(post.getlist("phrase"), post.getlist("category"), strict=False)
    return {"off": post.getlist("off"), "phrases": [(phrase, category) for phrase, category in pairs if phrase.strip()]}


def described(organization_id: UUID, adjusted: Adjustments) -> dict[str, Any]:
    """Return rules and phrases for the template: number of replies each decided, how often people disagreed, and whether it is switched
    off.
    """
    return {
        "rules": _rules(organization_id, adjusted),
        "phrases": [*adjusted.phrases, *[("", "")] * EMPTY_ROWS],
        "categories": [(category.value, definition.label) for category, definition in CATEGORIES.items()],
    }


def _rules(organization_id: UUID, adjusted: Adjustments) -> Sequence[dict[str, Any]]:
    disagreed = Q(source=Source.STAFF.value) & ~Q(category=F("predicted"))
    own = MessageCategory.objects.filter(organization=organization_id).exclude(rule="").order_by()
    counted = {
        rule: (count, wrong)
        for rule, count, wrong in own.values_list("rule").annotate(Count("pk"), wrong=Count("pk", filter=disagreed))
    }
    shown = sorted({*counted, *adjusted.off} & set(BY_ID), key=lambda id: (-counted.get(id, (0, 0))[0], id))
    return [
        {
            "id": id,
            "category": CATEGORIES[BY_ID[id].category].label,
            "example": BY_ID[id].example,
            "count": counted.get(id, (0, 0))[0],
            "wrong": counted.get(id, (0, 0))[1],
            "is_off": id in adjusted.off,
        }
        for id in shown
    ]


def replays(rows: Iterable[TriageReplay]) -> Sequence[dict[str, Any]]:
    """Return replays for the template: changes by category, whether the replies would then appear among the open ones or disappear from
    them, and links to some.
    """
    found = list(rows)
    named = {id for row in found for change in row.result.get("changes", []) for id in _ids(change)}
    contacts = {
        str(pk): contact for pk, contact in Message.objects.filter(pk__in=named).values_list("pk", "contact_id")
    }
    return [_replay(row, contacts) for row in found]


def _replay(row: TriageReplay, contacts: Mapping[str, UUID]) -> dict[str, Any]:
    changes = row.result.get("changes", [])
    seen = sum(change[2] for change in changes if not _is_seen(change[0]) and _is_seen(change[1]))
    hidden = sum(change[2] for change in changes if _is_seen(change[0]) and not _is_seen(change[1]))
    asked = row.rules or {}
    return {
        "row": row,
        "off": asked.get("off", []),
        "phrases": [(phrase, words.category(category)) for phrase, category in asked.get("phrases", [])],
        "changes": [
            {
                "old": words.category(change[0]),
                "new": words.category(change[1]),
                "count": change[2],
                "replies": [(contacts[id], id) for id in _ids(change) if id in contacts],
            }
            for change in changes
        ],
        "seen": seen,
        "hidden": hidden,
        "judged": row.result.get("judged") or {},
    }


def _ids(change: Sequence[Any]) -> Sequence[str]:
    """Return the ids of the messages that a change names; replays of earlier releases named none."""
    return change[3] if len(change) > 3 else ()


def _is_seen(category: str) -> bool:
    """Return whether an open conversation of a category waits for an answer."""
    return Lane(LANE_OF_CATEGORY.get(category, Lane.NEEDS_REPLY)) in ANSWERED_FIRST
