"""Country whose public holidays are no business days for an organization's follow-ups."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache

import holidays
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.customer_services import customer_service
from accounts.models import User
from accounts.permissions import Permission
from accounts.refusals import Refusal
from accounts.services import record_audit
from messaging.follow_ups.preferences import Country
from messaging.models import FollowUpSettings
from salesbrain import rls

COUNTRIES: Mapping[str, object] = {
    "AU": _("Australia"), "AT": _("Austria"), "BE": _("Belgium"), "BG": _("Bulgaria"), "CA": _("Canada"), "HR": _("Croatia"),
    "CY": _("Cyprus"), "CZ": _("Czechia"), "DK": _("Denmark"), "EE": _("Estonia"), "FI": _("Finland"), "FR": _("France"),
    "DE": _("Germany"), "GR": _("Greece"), "HU": _("Hungary"), "IS": _("Iceland"), "IE": _("Ireland"), "IT": _("Italy"),
    "LV": _("Latvia"), "LI": _("Liechtenstein"), "LT": _("Lithuania"), "LU": _("Luxembourg"), "MT": _("Malta"), "NL": _("Netherlands"),
    "NO": _("Norway"), "PL": _("Poland"), "PT": _("Portugal"), "RO": _("Romania"), "SK": _("Slovakia"), "SI": _("Slovenia"),
    "ES": _("Spain"), "SE": _("Sweden"), "CH": _("Switzerland"), "GB": _("United Kingdom"), "US": _("United States"),
}  # fmt: skip
"""ISO 3166 code -> name."""

PERIOD = timedelta(days=366)


class UnknownCountry(Refusal):
    sentence = _("Choose one of the countries listed, and one of its parts or none.")


@customer_service(Permission.MANAGE_SUGGESTIONS)
def set_country(scope: rls.Scope, *, by: User, now: datetime, country: str = "", subdivision: str = "") -> bool:
    """Set the country whose public holidays are no business days ("": no country); return whether that changed anything.

    `country` is one of COUNTRIES, `subdivision` one of its `parts_of`. Raises UnknownCountry, RoleTooLow.
    """
    if country and country not in COUNTRIES or subdivision and subdivision not in dict(parts_of(country)):
        raise UnknownCountry
    values = {"country": country, "subdivision": subdivision}
    with rls.scope(rls.SYSTEM):
        row, _new = FollowUpSettings.objects.get_or_create(organization_id=scope.organization)
        if (row.country, row.subdivision) == (country, subdivision):
            return False
        FollowUpSettings.objects.filter(pk=row.pk).update(**values)
        record_audit(action="follow_ups.country", actor=by, target=row, detail=values)
        return True


def country_of(organization_id: object) -> Country:
    """Return the country whose holidays count for an organization. In the caller's scope."""
    row = FollowUpSettings.objects.filter(pk=organization_id).first()
    return Country(row.country, row.subdivision) if row else Country()


@lru_cache(maxsize=64)
def parts_of(country: str) -> Sequence[tuple[str, str]]:
    """Return the parts of a country with holidays of their own: code and name, by name; none for an unknown country."""
    if country not in COUNTRIES:
        return ()
    known = holidays.country_holidays(country)
    names: dict[str, str] = {}
    for name, code in getattr(known, "subdivisions_aliases", {}).items():
        names.setdefault(code, name)
    return sorted(((code, names.get(code, code)) for code in known.subdivisions), key=lambda part: part[1].casefold())


def coming_holidays(country: Country, *, today: date) -> list[tuple[date, str]]:
    """Return the public holidays of the next year that fall on weekdays, named in the reader's language if a translation exists."""
    if country.code not in COUNTRIES:  # none, or one stored by other means than `set_country`
        return []
    spoken = getattr(holidays.country_holidays(country.code), "supported_languages", ())
    wanted = "de" if (get_language() or "")[:2] == "de" else "en_US"
    found = holidays.country_holidays(
        country.code,
        subdiv=country.subdivision if country.subdivision in dict(parts_of(country.code)) else None,
        years=range(today.year, today.year + 2),
        language=wanted if wanted in spoken else None,
    )
    return sorted((day, name) for day, name in found.items() if today <= day < today + PERIOD and day.weekday() < 5)
