"""Format numbers, rates and times in the reader's language and time zone."""

from datetime import date, datetime, timedelta

from django.utils import timezone
from django.utils.dates import MONTHS_3, WEEKDAYS_ABBR
from django.utils.translation import get_language, gettext, ngettext

NOTHING = "–"
SEPARATORS = {"en": (",", "."), "de": (".", ",")}
"""By language, the separators of thousands and of decimals. Django's formats give the same and take ten times as long."""

DAY_DOT = {"en": "", "de": "."}


def number(value: int | None) -> str:
    """Return 1234 as "1,234" or "1.234"; None as a dash, which is not 0."""
    return NOTHING if value is None else _with_separators(f"{value:,}")


def percent(fraction: float | None, digits: int = 1) -> str:
    """Return 0.0734 as "7.3 %" or "7,3 %", rounded; None (nothing was sent) as a dash, which is not 0 %."""
    return NOTHING if fraction is None else f"{_with_separators(f'{fraction * 100:,.{digits}f}')}\u00a0%"


def _with_separators(text: str) -> str:
    thousands, point = SEPARATORS.get(_language(), SEPARATORS["en"])
    return text if thousands == "," else text.translate({ord(","): thousands, ord("."): point})


def moment(at: datetime) -> str:
    """Return day and time in the current time zone: "10 Jul 2026, 14:00" or "10. Jul 2026, 14:00"."""
    local = timezone.localtime(at)
    return f"{calendar_day(local)}, {local:%H:%M}"


def day(at: datetime) -> str:
    """Return the day in the current time zone."""
    return calendar_day(timezone.localtime(at))


def calendar_day(value: date) -> str:
    """Return a calendar day, independent of the time zone."""
    return f"{_day_and_month(value)} {value.year}"


def weekday_and_day(value: date) -> str:
    """Return a day of a chart: "Fri 10 Jul" or "Fr 10. Jul"."""
    return f"{WEEKDAYS_ABBR[value.weekday()]} {_day_and_month(value)}"


def _day_and_month(value: date) -> str:
    return f"{value.day}{DAY_DOT.get(_language(), '')} {str(MONTHS_3[value.month]).title()}"


def _language() -> str:
    return (get_language() or "en")[:2]


def ago(at: datetime | None, now: datetime) -> str:
    """Return how long ago something was, seen from `now`: "just now" up to "6 d ago", older as a date; "never" for None."""
    if at is None:
        return gettext("never")
    age = now - at
    if age < timedelta(minutes=1):
        return gettext("just now")
    if age < timedelta(hours=1):
        minutes = age // timedelta(minutes=1)
        return gettext("%(minutes)s min ago") % {"minutes": minutes}
    if age < timedelta(days=1):
        return gettext("%(hours)s h ago") % {"hours": age // timedelta(hours=1)}
    if age < timedelta(days=7):
        days = age // timedelta(days=1)
        return ngettext("%(days)s day ago", "%(days)s days ago", days) % {"days": days}
    return day(at)
