"""Navigation menu of the pages: each app registers its entries in its `apps.py`."""

from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise


@dataclass(frozen=True, slots=True)
class Entry:
    """One link of the menu. `order` places it; `name` is the value by which a page marks it as current; `menu`: header or settings.

    `permission`: permission in the organization that is needed to see the link; empty: everybody sees it. `key`: shortcut of the page, such
    as "g o", for users with single-key shortcuts.
    """

    name: str
    label: str | Promise
    route: str
    icon: str
    order: int
    menu: str = "main"
    permission: str = ""
    key: str = ""


_entries: dict[str, Entry] = {}


def register(entry: Entry) -> None:
    """Add a link, once: called from AppConfig.ready."""
    _entries[entry.name] = entry


def entries(menu: str = "main") -> list[Entry]:
    """Return the links of a menu, in order."""
    return sorted((entry for entry in _entries.values() if entry.menu == menu), key=lambda entry: entry.order)


def context(current: str) -> dict[str, Any]:
    """Return the menu for the template of the page layout."""
    return {"navigation": entries(), "navigation_current": current}
