"""Everything that happened, one line each, in order: what analytics, truth and account figures are counted from."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple


class Happening(NamedTuple):
    """One occurrence, as delivered. ``mail_id`` is the sent mail it is about (or, for replies, answers)."""

    ms: int
    event_type: str
    campaign_id: str | None
    lead_email: str | None
    step: int | None  # from 1, as in webhooks
    variant: int | None  # from 1, as in webhooks
    email_account: str | None
    mail_id: str | None
    email_id: str | None  # what the payload carries under this name
    counts: bool  # False: an interest change within the quiet window, which analytics leave out


class Journal:
    """An append-only list of happenings, also by campaign. Times never go back, so a window is two bisections."""

    def __init__(self) -> None:
        self._all: list[Happening] = []
        self._by_campaign: defaultdict[str | None, list[Happening]] = defaultdict(list)

    def __len__(self) -> int:
        return len(self._all)

    def append(self, happening: Happening) -> None:
        self._all.append(happening)
        self._by_campaign[happening.campaign_id].append(happening)

    def of_campaign(
        self, campaign_id: str | None, start: int | None = None, end: int | None = None
    ) -> Iterator[Happening]:
        """A campaign's happenings from ``start`` to ``end`` (ms, both included)."""
        return _window(self._by_campaign.get(campaign_id, []), start, end)

    def everything(self, start: int | None = None, end: int | None = None) -> Iterator[Happening]:
        return _window(self._all, start, end)

    def since(self, position: int, limit: int) -> list[Happening]:
        return self._all[position : position + limit]

    def dump(self) -> list[list[Any]]:
        return [list(happening) for happening in self._all]

    def load(self, dumped: Iterable[list[Any]]) -> None:
        self._all.clear()
        self._by_campaign.clear()
        for values in dumped:
            self.append(Happening(*values))


def _window(happenings: list[Happening], start: int | None, end: int | None) -> Iterator[Happening]:
    first = 0 if start is None else bisect_left(happenings, start, key=lambda happening: happening.ms)
    behind = len(happenings) if end is None else bisect_right(happenings, end, key=lambda happening: happening.ms)
    return iter(happenings[first:behind])
