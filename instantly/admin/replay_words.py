"""Preview of a replay in words: the effects of processing held deliveries again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from time import monotonic

from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.admin.base import badge
from instantly.processing.replay import Booking, Choice, Forecast, Outcome, forecast_replay
from messaging.event_words import event_in_words
from salesbrain.kernel.messages import shown
from salesbrain.web.figures import moment

FORESEEN = 20
"""Deliveries that a preview processes on trial; it says how many are left."""
SECONDS = 8.0
"""Seconds after which a preview begins no further trial, because one mail may take a second."""
KINDS: Mapping[str, Promise | str] = {
    "contact": _("contact"),
    "suppression": _("suppression"),
    "message": _("message"),
    "campaign": _("campaign"),
    "account": _("email account"),
}
OUTCOMES: Mapping[Outcome, tuple[str, Promise | str]] = {
    Outcome.BOOKED: ("good", _("Would be recorded")),
    Outcome.HELD: ("bad", _("Would be held again")),
    Outcome.REFUSED: ("bad", _("Would be refused by the database")),
    Outcome.DONE: ("quiet", _("Is recorded by now")),
    Outcome.BUSY: ("quiet", _("Is being processed at this moment")),
}


@dataclass(frozen=True, slots=True)
class Line:
    """A delivery of the preview. `problems`: names of Instantly's fields that cannot be read."""

    delivery_id: int
    outcome: SafeString
    sentence: str
    problems: str = ""


@dataclass(frozen=True, slots=True)
class Preview:
    """Forecast for several held deliveries. `left`: number of deliveries that would be replayed but were not tried; `pruned`: number of
    those that cannot be replayed because their body was removed.
    """

    lines: Sequence[Line]
    left: int
    pruned: int
    done: int

    @property
    def count(self) -> int:
        return len(self.lines) + self.left


def preview(ids: Sequence[int]) -> Preview:
    """Process the first of these deliveries in a transaction that is rolled back, and return the effects seen."""
    plan = Choice(ids=tuple(ids) or (0,)).plan()  # without ids it would mean all
    began, lines = monotonic(), []
    for id in plan.open[:FORESEEN]:
        lines += [line(forecast) for forecast in forecast_replay([id])]
        if monotonic() - began > SECONDS:
            break
    return Preview(lines, len(plan.open) - len(lines), len(plan.pruned), plan.done)


def line(forecast: Forecast) -> Line:
    tone, words = OUTCOMES[forecast.outcome]
    names = ", ".join(problem.partition(":")[0] for problem in forecast.problems)
    problems = gettext("Fields that do not fit: %(names)s.") % {"names": names} if names else ""
    return Line(forecast.delivery_id, badge(words, tone), _sentence(forecast), problems)


def _sentence(forecast: Forecast) -> str:
    if forecast.booking is not None:
        return _booked(forecast.booking)
    if forecast.reason is not None:
        why = shown(forecast.why)
        return (
            gettext("%(reason)s: %(detail)s") % {"reason": forecast.reason.label, "detail": why}
            if why
            else str(forecast.reason.label)
        )
    if forecast.outcome == Outcome.REFUSED:
        return gettext("PostgreSQL says: %(detail)s") % {"detail": forecast.detail}
    return gettext("A replay changes nothing.")


def _booked(booking: Booking) -> str:
    said = {
        "event": event_in_words(booking.type),
        "time": moment(booking.happened_at),
        "organization": booking.organization,
        "campaign": booking.campaign,
        "rows": ", ".join(str(KINDS.get(kind, kind)) for kind in booking.kinds) or gettext("nothing else"),
    }
    if booking.campaign:
        return (
            gettext(
                "“%(event)s” of %(time)s for %(organization)s, campaign %(campaign)s. Besides the event it writes: %(rows)s."
            )
            % said
        )
    return (
        gettext("“%(event)s” of %(time)s for %(organization)s, of no campaign. Besides the event it writes: %(rows)s.")
        % said
    )
