"""Navigation of the pages; each app registers its own links."""

from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise


@dataclass(frozen=True, slots=True)
class Entry:
    """One link of the header. `order` places it; `name` is what a page says it belongs to."""

    name: str
    label: str | Promise
    route: str
    icon: str
    order: int


_entries: dict[str, Entry] = {}


def register(entry: Entry) -> None:
    """Add a link, once: called from AppConfig.ready."""
    _entries[entry.name] = entry


def entries() -> list[Entry]:
    return sorted(_entries.values(), key=lambda entry: entry.order)


def context(current: str) -> dict[str, Any]:
    """Return what the page layout needs."""
    return {"navigation": entries(), "navigation_current": current}
