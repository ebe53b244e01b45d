"""Words and choices for the time zone in which a reply is scheduled: the contact's, else the reader's."""

from datetime import datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext

from accounts.models.user import time_zones
from messaging.inbox.contact_zone import ContactZone, ZoneSource
from salesbrain.web.figures import moment


def choices(theirs: ContactZone | None, mine: tzinfo, *, chosen: str = "") -> list[dict[str, Any]]:
    """Return the zones to choose from for a reply's time: `theirs` (the contact's) first, if it is known and differs from `mine` (the
    reader's). `chosen`: the zone sent with the form.
    """
    own = str(mine)
    zones = [] if theirs is None or theirs.name == own else [(theirs.name, _theirs(theirs))]
    zones.append((own, gettext("your time, %(zone)s") % {"zone": _readable(own)}))
    return [{"name": name, "words": words, "is_chosen": name == chosen} for name, words in zones]


def zone_of(name: str, mine: tzinfo) -> tzinfo:
    """Return the zone that a form names, the reader's own (`mine`) for an invalid text."""
    return ZoneInfo(name) if name in time_zones() else mine


def for_them(at: datetime, theirs: ContactZone | None, mine: tzinfo) -> str:
    """Return a time in the contact's zone, "" if it reads the same in the reader's zone (`mine`)."""
    if theirs is None or at.astimezone(theirs.zone).replace(tzinfo=None) == at.astimezone(mine).replace(tzinfo=None):
        return ""
    with timezone.override(theirs.zone):
        return gettext("%(moment)s for them (%(zone)s)") % {"moment": moment(at), "zone": _readable(theirs.name)}


def _theirs(theirs: ContactZone) -> str:
    zone = {"zone": _readable(theirs.name)}
    if theirs.source is ZoneSource.LIST:
        return gettext("their time, %(zone)s") % zone
    return gettext("their time, %(zone)s (the campaign's)") % zone


def _readable(name: str) -> str:
    return name.replace("_", " ")
