"""Chart of stats by day, on the pages of a campaign and of an email account."""

from collections.abc import Sequence
from typing import Any

from django.utils.functional import Promise

from messaging import stats
from messaging.campaign_figures import days as days_of
from messaging.web import words
from messaging.web.periods import Days
from salesbrain.web.charts import Chart, Series


def daily_chart(title: str | Promise, figures: Sequence[str], rows: Any, period: Days) -> Chart:
    """Return a chart with a line for each of the figures (names of stats.FIGURE_DEFINITIONS) and a point for each UTC day.

    `rows`: queryset of rollups, of one campaign or email account. A day without any is 0.
    """
    by_day = stats.daily(stats.Period(period.start, period.end).filter(rows), figures).get((), {})
    days = days_of(period.start, period.end)
    series = [
        Series(words.FIGURES[name][0], [by_day.get(day, (0,) * len(figures))[place] for day in days])
        for place, name in enumerate(figures)
    ]
    return Chart(title, days, series)
