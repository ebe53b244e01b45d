"""Rows and words of the admin pages of promotion."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import Organization, ProviderConnection
from campaigns.models import Campaign
from instantly.actions.promotion.candidates import Candidates
from instantly.actions.promotion.work import counted
from instantly.choices import PromotionState
from instantly.models import Promotion
from salesbrain.kernel.messages import shown

TONES = {
    PromotionState.RUNNING: "quiet",
    PromotionState.STOPPED: "bad",
    PromotionState.DONE: "warn",
    PromotionState.UNDONE: "quiet",
    PromotionState.CONFIRMED: "good",
}

WORDS: Mapping[str, Mapping[str, tuple[Any, str]]] = {
    "accounts": {
        "begun": (_("Being moved"), "quiet"),
        "done": (_("Moved"), "good"),
        "back": (_("Moved back"), "quiet"),
        "kept": (_("Stays in the new workspace"), "warn"),
        "left": (_("Left as it was"), "warn"),
    },
    "paused": {
        "begun": (_("Being paused"), "quiet"),
        "done": (_("Paused"), "good"),
        "back": (_("Active again"), "quiet"),
        "left": (_("Left as it was"), "warn"),
    },
    "copies": {
        "begun": (_("Being copied"), "quiet"),
        "done": (_("Copied as a draft"), "good"),
        "back": (_("Copy deleted"), "quiet"),
        "kept": (_("Copy stays"), "warn"),
        "left": (_("Left as it was"), "warn"),
    },
}
WAITS = (_("Waits"), "quiet")


def overview_rows(counts: Mapping[tuple[UUID, UUID], int], open_ones: Mapping[UUID, Promotion]) -> list[dict[str, Any]]:
    """Return a row for each customer and shared workspace, with the customer's own workspaces, in three statements at most."""
    customers = Organization.objects.in_bulk({organization for organization, _connection in counts})
    shared = ProviderConnection.objects.defer("api_key", "raw").in_bulk(
        {connection for _organization, connection in counts}
    )
    own: dict[UUID, list[str]] = {}
    for row in ProviderConnection.objects.defer("api_key", "raw").filter(organization__in=customers, is_active=True):
        assert row.organization_id is not None
        own.setdefault(row.organization_id, []).append(row.name)
    rows = [
        {
            "organization": customers[organization],
            "source": shared[connection],
            "count": count,
            "own": ", ".join(own.get(organization, ())),
            "open": open_ones.get(organization),
        }
        for (organization, connection), count in counts.items()
        if organization in customers and connection in shared
    ]
    return sorted(rows, key=lambda row: (not row["own"], row["organization"].name.casefold(), row["source"].name))


def ticked_by_default(
    there: Candidates, source: ProviderConnection, own: Sequence[ProviderConnection]
) -> dict[str, Any]:
    """Return what the wizard suggests: all free email accounts, and of the campaigns those that would lose senders."""
    losing = frozenset(one.campaign.pk for one in there.campaigns if one.is_sending and one.moving)
    acting = [row.pk for row in (source, *own) if row.acts_as_workspace]
    return {
        "destination": own[0].pk if len(own) == 1 else None,
        "admin": acting[0] if acting else None,
        "accounts": frozenset(one.account.pk for one in there.accounts if one.is_free),
        "copied": losing,
        "paused": losing,
    }


def details(promotion: Promotion) -> dict[str, Any]:
    """Return the steps of a promotion in words, and how many are over."""
    done, of = counted(promotion)
    copies = promotion.journal.get("copies", {})
    keys = [note["copy"] for note in copies.values() if "copy" in note]
    stored = {str(pk) for pk in Campaign.objects.filter(pk__in=keys).values_list("pk", flat=True)}
    return {
        "tone": TONES[PromotionState(promotion.state)],
        "done": done,
        "of": of,
        "outcome": shown(promotion.outcome),
        "left": [shown(one) for one in promotion.left],
        "accounts": [
            {"name": row["address"], **_state(promotion, "accounts", row["address"])}
            for row in promotion.plan.get("accounts", ())
        ],
        "paused": [_campaign(promotion, "paused", row) for row in promotion.plan.get("paused", ())],
        "copies": [
            {
                **_campaign(promotion, "copies", row),
                "copy_url": reverse("admin:campaigns_campaign_change", args=[copies[row["id"]]["copy"]])
                if copies.get(row["id"], {}).get("copy") in stored
                else "",
            }
            for row in promotion.plan.get("copies", ())
        ],
    }


def _campaign(promotion: Promotion, part: str, row: Mapping[str, str]) -> dict[str, Any]:
    url = reverse("admin:campaigns_campaign_change", args=[row["id"]])
    return {"name": row["name"], "url": url, **_state(promotion, part, row["id"])}


def _state(promotion: Promotion, part: str, key: str) -> dict[str, Any]:
    state = promotion.journal.get(part, {}).get(key, {}).get("state")
    word, tone = WORDS[part].get(state, WAITS)
    return {"state": word, "tone": tone}
