"""Business days of a country: Monday to Friday without its public holidays."""

from datetime import date, timedelta
from functools import lru_cache

import holidays


@lru_cache(maxsize=64)
def _public_holidays(country: str, subdivision: str) -> holidays.HolidayBase | None:
    """Return the public holidays of a country by ISO code; None for a country unknown to the library."""
    try:
        return holidays.country_holidays(country, subdiv=subdivision or None)
    except NotImplementedError:
        return _public_holidays(country, "") if subdivision else None


@lru_cache(maxsize=50_000)
def is_business_day(day: date, country: str = "", subdivision: str = "") -> bool:
    if day.weekday() > 4:
        return False
    known = _public_holidays(country.upper(), subdivision.upper()) if country else None
    return known is None or day not in known


def business_day_from(day: date, country: str = "", subdivision: str = "") -> date:
    """Return the day itself where it is a business day, else the next one."""
    while not is_business_day(day, country, subdivision):
        day += timedelta(days=1)
    return day


def business_days_after(day: date, count: int, country: str = "", subdivision: str = "") -> date:
    """Return the business day that is `count` business days after a day; 3 after a Thursday is a Tuesday."""
    while count > 0:
        day += timedelta(days=1)
        count -= is_business_day(day, country, subdivision)
    return day
