"""Compare a batch of parsed events with the database, in a fixed order, before they are written.

Finds replies reported twice, separate replies with one mail id, erased people, and the A/B variant of sent mails.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from messaging.event_writer import Recordable
from messaging.events import CampaignChange
from messaging.variant_matching import match_variants
from salesbrain.kernel import db

from .anonymize_erased import anonymize_erased
from .parsing import Claimed
from .reply_copies import distinguish_replies, lock_mail_ids
from .reply_matching import Replies, match_replies, unmatched_replies


@dataclass(frozen=True, slots=True)
class Unresolved:
    """Parts of a batch that may already be recorded, judged from the batch alone, before any query."""

    replies: Replies
    variants: set[UUID]
    """Campaigns with sent mails whose variant is not known."""

    @property
    def campaigns(self) -> set[UUID]:
        """Return the campaigns to lock, so that no other worker records their events meanwhile."""
        return self.variants | {event.campaign_id for event in self.replies.values() if event.campaign_id}


Resolver = Callable[[Sequence[Recordable], Unresolved], list[Recordable]]
"""Function that takes a batch and returns it as it is to be recorded, with the same rows in the same order."""

RESOLVERS: tuple[Resolver, ...] = (
    lambda batch, unresolved: match_replies(batch, unresolved.replies),
    lambda batch, unresolved: distinguish_replies(batch),
    lambda batch, unresolved: anonymize_erased(batch),  # needs the keys of the mails: it takes the ids they are made of
    lambda batch, unresolved: match_variants(batch, unresolved.variants),
)


def resolve_batch(batch: Sequence[Recordable], claimed: Sequence[Claimed]) -> list[Recordable]:
    """Return the batch as it is to be recorded, after every resolver in order. Call in the transaction that records it."""
    unsure = {delivery.campaign_id for delivery in claimed if delivery.is_variant_unsure and delivery.campaign_id}
    lock_mail_ids(batch)
    unresolved = Unresolved(unmatched_replies(batch), unsure)
    if unresolved.campaigns:
        _lock_campaigns(batch, unresolved.campaigns)
    resolved = list(batch)
    for resolve in RESOLVERS:
        resolved = resolve(resolved, unresolved)
    return resolved


def _lock_campaigns(batch: Sequence[Recordable], campaigns: set[UUID]) -> None:
    """Wait for other workers that process a batch of one of these campaigns, and make the next one wait for this.

    With those whose status the batch will write, in key order, as recording locks them.
    """
    stated = {change.id for _, changes in batch for change in changes if isinstance(change, CampaignChange)}
    locked = sorted(campaigns | stated)
    db.prepared("SELECT FROM campaigns_campaign WHERE id = ANY (%s) ORDER BY id FOR NO KEY UPDATE", [locked])
