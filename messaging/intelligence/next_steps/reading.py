"""Reading of a received message for next steps: a request, or the end of an absence."""

from dataclasses import dataclass
from datetime import date

from messaging.intelligence.next_steps.absence import return_date
from messaging.intelligence.next_steps.ask_reading import NONE
from messaging.intelligence.next_steps.asks import next_step

AWAY = "away"
"""Stored for an absence note; a request is one of ask_reading.ASKS."""

AUTOMATIC = ("out_of_office", "auto_reply")
LONGEST_WORDS = 300


@dataclass(frozen=True, slots=True)
class Reading:
    """Next step read from a message: `asks` is AWAY or one of ASKS. `on`: the first working day after an absence, or the weekday asked for;
    None where it is unclear."""

    asks: str
    on: date | None = None
    address: str = ""
    words: str = ""


def read_message(
    *, subject: str | None, text: str | None, received: date, category: str, is_automatic: bool, because: str = ""
) -> Reading:
    """Return the next step that a received message states: a request, an absence, or NONE. `category`: from triage or a person's
    correction; "" or unsure if unknown.

    `because`: the words that the category rests on, quoted where no rule of the next steps finds others. An automatic message counts as no
    request; only an absence is read from it.
    """
    if not text:
        return Reading(NONE)
    if category in AUTOMATIC or is_automatic:
        absence = return_date(text, received=received, subject=subject)
        if absence is None:
            return Reading(AWAY if category == "out_of_office" else NONE)
        return Reading(AWAY, absence.back, words=absence.quoted[:LONGEST_WORDS])
    step = next_step(text, received=received, category=category, because=because)
    return Reading(step.ask, step.when, step.address or "", step.quoted[:LONGEST_WORDS])
