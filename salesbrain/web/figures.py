"""Format numbers, rates and times in the reader's language and time zone."""

from datetime import date, datetime, timedelta

from django.utils import dateformat, formats, timezone
from django.utils.translation import get_language, gettext, ngettext

DATE = {"en": "j M Y", "de": "j. M Y"}
DATE_TIME = {"en": "j M Y, H:i", "de": "j. M Y, H:i"}
DAY = {"en": "D j M", "de": "D j. M"}
NOTHING = "–"


def number(value: int | None) -> str:
    """Return 1234 as "1,234" or "1.234"; None as a dash, which is not 0."""
    return NOTHING if value is None else formats.number_format(value, force_grouping=True)


def percent(fraction: float | None, digits: int = 1) -> str:
    """Return 0.0734 as "7.3 %" or "7,3 %"; None (nothing was sent) as a dash, which is not 0 %."""
    return NOTHING if fraction is None else f"{formats.number_format(fraction * 100, decimal_pos=digits)}\u00a0%"


def moment(at: datetime) -> str:
    """Return day and time in the current time zone."""
    return _written(at, DATE_TIME)


def day(at: datetime) -> str:
    return _written(at, DATE)


def calendar_day(value: date) -> str:
    """Return a calendar day, independent of the time zone."""
    return dateformat.format(value, DATE.get((get_language() or "en")[:2], DATE["en"]))


def _written(at: datetime, by_language: dict[str, str]) -> str:
    form = by_language.get((get_language() or "en")[:2], by_language["en"])
    return dateformat.format(timezone.localtime(at), form)


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
