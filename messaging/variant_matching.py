"""Match sent mails recorded without their A/B variant to the webhook delivery that names it later.

A sent mail's key contains its variant, so a later delivery that names it would create a second mail of that step. A campaign sends
each step to a person once: in a campaign with such mails, an event of a step belongs to the existing mail of that step.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from uuid import UUID

import orjson

from messaging import identity
from messaging.choices import Direction
from messaging.event_writer import Recordable
from messaging.events import Change, MessageChange
from salesbrain.kernel import db

SQL = db.statements(Path(__file__).with_name("sql"))

Step = tuple[UUID, str, int]
"""Campaign, address of the person, number of the step."""


@dataclass(slots=True)
class Known:
    """Known variants of the mail of one step to one person, from the batch and from stored rows."""

    change: MessageChange
    reported: set[int] = field(default_factory=set)
    rows: dict[UUID, int] = field(default_factory=dict)

    def variant(self, step: Step, reported: int) -> tuple[int, int]:
        """Return two variants: the one in the mail's key, and the one that was sent. `reported`: the event's variant, 0 if unknown."""
        if _key(step, 0) in self.rows:
            return (reported if reported and _key(step, reported) in self.rows else 0), reported
        sure = set(self.rows.values()) or self.reported
        one = reported or (min(sure) if len(sure) == 1 else 0)
        return one, one


def match_variants(batch: Sequence[Recordable], campaigns: Collection[UUID]) -> list[Recordable]:
    """Return the batch with events of sent mails of these campaigns assigned to the existing mails.

    Call in the transaction that records it, when nobody else records events of these campaigns.
    """
    steps = {
        place: (event.campaign_id, event.lead_email, event.step)
        for place, (event, changes) in enumerate(batch)
        if event.campaign_id in campaigns and event.step and any(map(_is_sent_mail, changes))
    }
    if not steps:
        return list(batch)
    known = _known(batch, steps)  # type: ignore[arg-type]  # a mail's event has a campaign
    return [
        _with_known_variant(recordable, steps[place], known[steps[place]]) if place in steps else recordable  # type: ignore[index,arg-type]
        for place, recordable in enumerate(batch)
    ]


def _is_sent_mail(change: Change) -> bool:
    return isinstance(change, MessageChange) and change.direction == Direction.OUT


def _key(step: Step, variant: int) -> UUID:
    campaign_id, email, number = step
    return identity.outbound_id(campaign_id, email, number, variant)


def _known(batch: Sequence[Recordable], steps: dict[int, Step]) -> dict[Step, Known]:
    known: dict[Step, Known] = {}
    for place, step in steps.items():
        event, changes = batch[place]
        change = next(change for change in changes if _is_sent_mail(change))
        found = known.setdefault(step, Known(change))  # type: ignore[arg-type]  # _is_sent_mail says it is one
        found.reported |= {event.variant} - {0}
    asked = [
        {
            "place": place,
            "organization_id": found.change.organization_id,
            "contact_id": found.change.contact_id,
            "campaign_id": found.change.campaign_id,
            "step": found.change.step,
        }
        for place, found in enumerate(known.values())
    ]
    rows: dict[int, dict[UUID, int]] = defaultdict(dict)
    for place, id, variant in db.prepared(SQL["sent_of_step"], [orjson.dumps(asked).decode()]):
        rows[place][id] = variant
    for place, found in enumerate(known.values()):
        found.rows = rows[place]
    return known


def _with_known_variant(recordable: Recordable, step: Step, known: Known) -> Recordable:
    event, changes = recordable
    key, variant = known.variant(step, event.variant)
    if (key, variant) == (event.variant, event.variant):
        return recordable
    return replace(event, variant=variant), tuple(
        replace(change, id=_key(step, key), variant=variant) if _is_sent_mail(change) else change  # type: ignore[arg-type]
        for change in changes
    )
