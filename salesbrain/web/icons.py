"""Inline SVG icons for pages (Lucide, licence in static/vendor/LICENSES.txt)."""

import re
from functools import cache
from pathlib import Path

from django.utils.safestring import SafeString, mark_safe

FOLDER = Path(__file__).with_name("icons")
INNER = re.compile(r"<svg[^>]*>(.*)</svg>", re.DOTALL)


@cache
def icon(name: str) -> SafeString:
    """Return the SVG of an icon, hidden from screen readers, because it always stands beside words. Raises FileNotFoundError."""
    drawn = INNER.search((FOLDER / f"{name}.svg").read_text(encoding="utf-8"))
    if drawn is None:
        raise ValueError(f"{name}.svg has no <svg> element")
    paths = re.sub(r"\s*\n\s*", "", drawn[1])
    return mark_safe(  # noqa: S308  files of our own
        '<svg class="icon" viewBox="0 0 24 24" width="16" height="16" fill="none" stroke="currentColor" stroke-width="1.75" '
        f'stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false">{paths}</svg>'
    )
