"""Opens and clicks by machines: mail filters that open a mail before its reader does.

On the wire an opening or a click has a time, a person and a step: no link, no address, no browser. So there are two signs, and both
are times: within seconds of the sending nobody reads, and nobody clicks all links of a mail at once. A guess therefore, counted
apart and never taken away from the figures it is part of.

Kept on the message are its earliest openings and clicks, from which `sql/likely_machine.sql` tells again and again; whatever comes
first, sending or opening, what is told in the end is the same.
"""

AFTER_SENDING = 10  # seconds
TOGETHER = 2  # seconds
KEPT = 20
"""Of each message, the earliest openings and as many clicks are looked at. Machines come first, so few are missed."""

RULE = (
    f"Looks like a machine's: an opening or a click no later than {AFTER_SENDING} seconds after its email was sent, and clicks of one "
    f"email no more than {TOGETHER} seconds apart (all links at once; a person's double click is among them). Of each email the "
    f"first {KEPT} openings and the first {KEPT} clicks are looked at. Instantly tells neither link nor browser, so this is a guess "
    "from times alone: these are counted apart, and stay part of opens, clicks, opened and clicked."
)


def insert_rule(statement: str, rule: str) -> str:
    """Return a statement with `rule` (sql/likely_machine.sql) in place of its mark."""
    settled = rule.rstrip().replace("{after_sending}", str(AFTER_SENDING)).replace("{together}", str(TOGETHER))
    return statement.replace("{likely_machine}", settled).replace("{kept}", str(KEPT))
