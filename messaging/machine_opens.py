"""Recognize opens and clicks by machines: mail filters that open a mail before its reader does.

Instantly reports a time, a person and a step for an open or a click: no link, no address, no browser. So both signs are times: nobody reads
within seconds of the sending, and nobody clicks all links of a mail at once. Because the result is a guess, machine opens are counted
separately and never subtracted.

A message stores its earliest opens and clicks, from which `sql/likely_machine.sql` decides again each time; the result does not
depend on the order in which sending and opens arrive.
"""

from django.utils.functional import lazy
from django.utils.translation import gettext, gettext_noop

AFTER_SENDING = 10  # seconds
CLICKS_WITHIN = 2  # seconds
KEPT = 20
"""Earliest opens, and clicks, of each message that are examined."""

RULE_TEXT = gettext_noop(
    "Looks like a machine's: an open or a click no later than %(after)s seconds after its email was sent, and clicks of one "
    "email no more than %(within)s seconds apart (all links at once; a person's double click is among them). Of each email the "
    "first %(kept)s opens and the first %(kept)s clicks are looked at. Instantly tells neither link nor browser, so this is a guess "
    "from times alone: these are counted apart, and stay part of opens, clicks, opened and clicked."
)
RULE_VALUES = {"after": AFTER_SENDING, "within": CLICKS_WITHIN, "kept": KEPT}
RULE = RULE_TEXT % RULE_VALUES
"""The rule in English, for documents that programs read."""


def rule_in_words() -> str:
    """Return the rule in the active language."""
    return gettext(RULE_TEXT) % RULE_VALUES


RULE_SHOWN = lazy(rule_in_words, str)()


def insert_rule(statement: str, rule: str) -> str:
    """Return a statement with `rule` (sql/likely_machine.sql) in place of its mark."""
    settled = rule.rstrip().replace("{after_sending}", str(AFTER_SENDING)).replace("{together}", str(CLICKS_WITHIN))
    return statement.replace("{likely_machine}", settled).replace("{kept}", str(KEPT))
