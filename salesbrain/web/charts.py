"""Charts on pages: stats by day as JSON for the browser's chart, and as an accessible table."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils.functional import Promise
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from salesbrain.web import figures

WIDTH, HEIGHT, MARGIN = 96.0, 24.0, 2.0
"""Size of a sparkline in its own units; the stylesheet sets the displayed size."""


@dataclass(frozen=True, slots=True)
class Series:
    """One line of a chart. None among the values: unknown for that day."""

    label: str | Promise
    values: Sequence[int | None]


@dataclass(frozen=True, slots=True)
class Chart:
    """Stats by UTC day, one value per day and series."""

    title: str | Promise
    days: Sequence[date]
    series: Sequence[Series] = field(default_factory=list)

    def as_json(self) -> SafeString:
        """Return the data for the browser's chart, safe inside a script element."""
        data: dict[str, Any] = {
            "days": [day.isoformat() for day in self.days],
            "series": [{"label": str(series.label), "values": list(series.values)} for series in self.series],
            "language": get_language() or "en",
        }
        text = json.dumps(data, ensure_ascii=False)
        for character in "<>&\u2028\u2029":
            text = text.replace(character, f"\\u{ord(character):04x}")
        return mark_safe(text)  # noqa: S308  escaped just now

    def rows(self) -> list[tuple[str, list[str]]]:
        """Return the data as rows of a table, newest first."""
        rows = [
            (figures.weekday_and_day(day), [figures.number(series.values[index]) for series in self.series])
            for index, day in enumerate(self.days)
        ]
        return rows[::-1]


def sparkline(values: Sequence[int | None]) -> SafeString:
    """Return a small line chart of the values as SVG, hidden from screen readers as decoration."""
    known = [value for value in values if value is not None]
    top = max(known, default=0) or 1
    step = (WIDTH - 2 * MARGIN) / max(len(values) - 1, 1)
    points = [
        (MARGIN + index * step, HEIGHT - MARGIN - (HEIGHT - 2 * MARGIN) * value / top)
        for index, value in enumerate(values)
        if value is not None
    ]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    area = f"{points[0][0]:.1f},{HEIGHT - MARGIN} {line} {points[-1][0]:.1f},{HEIGHT - MARGIN}" if points else ""
    return mark_safe(  # noqa: S308  numbers only
        f'<svg class="sparkline" viewBox="0 0 {WIDTH:.0f} {HEIGHT:.0f}" preserveAspectRatio="none" aria-hidden="true" '
        f'focusable="false"><polygon points="{area}"/><polyline points="{line}"/></svg>'
    )
