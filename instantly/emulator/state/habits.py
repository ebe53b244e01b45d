"""Behaviour of simulated leads: probabilities (0 to 1) and mean delays (seconds) of their reactions.

Times are compressed: an afternoon of a real lead is a minute here, and a day between two steps of a sequence lasts
``day_seconds``. The probabilities are those of an ordinary B2B campaign, slightly raised.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Habits:
    """Probabilities and delays of reactions, in seconds unless the name says otherwise."""

    day_seconds: float = 60.0  # one day of a sequence's delay

    bounce: float = 0.03
    open: float = 0.48
    open_again: float = 0.35  # after each open
    machine_open: float = 0.06  # a mail scanner, within two seconds of sending
    click: float = 0.12  # of the opens
    reply: float = 0.09
    reply_again: float = 0.15  # of those who replied
    answer_manual: float = 0.5  # of those we write to by hand
    attachment: float = 0.0  # of the replies; 0, so that other draws stay as they are
    automatic_reply: float = 0.04
    out_of_office: float = 0.7  # of the automatic replies; the others are tickets, opening hours and the like
    answered: float = 0.0  # of the replies that ask for an answer: our people write one in the app
    unsubscribe: float = 0.012
    meeting_after_interest: float = 0.5
    meeting_happens: float = 0.75
    closes_after_meeting: float = 0.4

    open_after: float = 25.0  # this and the following: means of exponential distributions
    click_after: float = 8.0
    reply_after: float = 40.0
    automatic_after: float = 4.0
    bounce_after: float = 3.0
    unsubscribe_after: float = 30.0
    verdict_after: float = 3.0  # from a reply to the status Instantly's AI gives it
    meeting_after: float = 720.0  # more than the 10 minutes within which analytics ignore a change
    held_after: float = 900.0
    account_trouble_every: float = 420.0
    account_heals_after: float = 150.0
    enrichment_every: float = 600.0
    answered_after: float = 60.0

    @classmethod
    def real_time(cls, *, answered: float = 0.0) -> "Habits":
        """Return habits with days of real length. ``answered``: share of replies that the demo customer's people answer."""
        hour, day = 3600.0, 86_400.0
        return cls(
            day_seconds=day,
            bounce=0.002,  # verified lists: three in one week of a healthy mailbox are a rarity
            open=0.4,
            open_again=0.3,
            machine_open=0.05,
            click=0.07,
            reply=0.034,
            answer_manual=0.08,
            automatic_reply=0.025,
            unsubscribe=0.004,
            meeting_after_interest=0.25,
            open_after=5 * hour,
            click_after=90.0,
            reply_after=13 * hour,
            automatic_after=60.0,
            bounce_after=120.0,
            unsubscribe_after=6 * hour,
            verdict_after=75.0,
            meeting_after=1.5 * day,
            held_after=4 * day,
            account_trouble_every=45 * day,
            account_heals_after=5 * hour,
            enrichment_every=9 * day,
            answered=answered,
            answered_after=9 * hour,
        )
