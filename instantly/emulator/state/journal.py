"""Journal: the emulator's append-only list of events, from which all its stats are counted."""

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from .clock import DAY_MS


class RecordedEvent(NamedTuple):
    """One event, as delivered. ``mail_id`` is the sent mail it concerns (for replies: the mail replied to)."""

    ms: int
    event_type: str
    campaign_id: str | None
    lead_email: str | None
    step: int | None  # from 1, as in webhooks
    variant: int | None  # from 1, as in webhooks
    email_account: str | None
    mail_id: str | None
    email_id: str | None  # the value of this field in the payload
    counts: bool  # False: an interest change within the quiet window, which analytics ignore


class Journal:
    """All events, also indexed by campaign. Times never go back, so a time window is two bisections."""

    def __init__(self) -> None:
        self._all: list[RecordedEvent] = []
        self._by_campaign: defaultdict[str | None, list[RecordedEvent]] = defaultdict(list)
        self._sent: Counter[tuple[int, str | None]] = Counter()

    def __len__(self) -> int:
        return len(self._all)

    def append(self, event: RecordedEvent) -> None:
        self._all.append(event)
        self._by_campaign[event.campaign_id].append(event)
        if event.event_type == "email_sent":
            today = event.ms // DAY_MS
            self._sent[today, event.email_account] += 1
            self._sent[today, event.campaign_id] += 1

    def sent_on_day_of(self, ms: int, account_or_campaign: str) -> int:
        """The mails this account (or campaign) has sent on the UTC day of this instant."""
        return self._sent[ms // DAY_MS, account_or_campaign]

    def of_campaign(
        self, campaign_id: str | None, start: int | None = None, end: int | None = None
    ) -> Iterator[RecordedEvent]:
        """A campaign's events from ``start`` to ``end`` (ms, inclusive)."""
        return _window(self._by_campaign.get(campaign_id, []), start, end)

    def everything(self, start: int | None = None, end: int | None = None) -> Iterator[RecordedEvent]:
        return _window(self._all, start, end)

    def since(self, position: int, limit: int) -> list[RecordedEvent]:
        return self._all[position : position + limit]

    def dump(self) -> list[list[Any]]:
        return [list(event) for event in self._all]

    def load(self, dumped: Iterable[list[Any]]) -> None:
        self._all.clear()
        self._by_campaign.clear()
        self._sent.clear()
        for values in dumped:
            self.append(RecordedEvent(*values))


def _window(events: list[RecordedEvent], start: int | None, end: int | None) -> Iterator[RecordedEvent]:
    first = 0 if start is None else bisect_left(events, start, key=lambda event: event.ms)
    last = len(events) if end is None else bisect_right(events, end, key=lambda event: event.ms)
    return iter(events[first:last])
