"""Compare the stored events and stats with the sent ones after every round; a difference ends the run."""

from time import monotonic, sleep

import psycopg

from messaging.models.rollup import ROLLUP_COUNTERS
from tests.recount import RECOUNT

DRAINS_WITHIN = 180.0
WRITTEN = (
    "instantly_delivery, instantly_pending, instantly_held, instantly_workerbatch, messaging_event, messaging_messagesearch, "
    "messaging_contactsearch, messaging_triagepending, messaging_messagecategory, messaging_categorycorrection, messaging_searchpending, "
    "messaging_renamedcontact, messaging_conversation, messaging_note, messaging_outboxmessage, messaging_contactvariables, "
    "messaging_contactlabel, messaging_suggestiondecision, messaging_contactscore, messaging_message, messaging_contact, "
    "messaging_suppression, messaging_dailystats, messaging_organizationdailystats, messaging_stalestats"
)
"""Tables written by processing deliveries; a benchmark part may empty them before it begins."""
QUEUED = "SELECT EXISTS (SELECT FROM instantly_pending) OR EXISTS (SELECT FROM messaging_event WHERE position IS NULL AND copy_of IS NULL)"
UNREAD = "SELECT EXISTS (SELECT FROM messaging_triagepending)"
UNFOUND = "SELECT EXISTS (SELECT FROM messaging_searchpending) OR EXISTS (SELECT FROM messaging_renamedcontact)"
MACHINES = {figure for figure in ROLLUP_COUNTERS if "machine" in figure}
COMPARED = ", ".join(
    f"CASE WHEN c.name = %(unjudged)s THEN 0 ELSE {figure} END AS {figure}" if figure in MACHINES else figure
    for figure in ROLLUP_COUNTERS
)
"""Columns of the daily stats that are compared; those of machines are left out for systems that do not count them."""
KEY = "s.organization_id, s.campaign_id, s.email_account, s.day, s.step, s.variant"
KEPT = "SELECT * FROM messaging_dailystats"
RECOUNTED = f"""SELECT * FROM ({RECOUNT})
    AS counted (organization_id, campaign_id, email_account, day, step, variant, {", ".join(ROLLUP_COUNTERS)})"""
PRODUCT_COUNTS = """SELECT (SELECT count(*) FROM instantly_delivery), (SELECT count(*) FROM messaging_event WHERE origin <> 'rule'),
    (SELECT count(*) FROM instantly_held) + (SELECT count(*) FROM instantly_pending)"""
PEER_COUNTS = """SELECT (SELECT count(*) FROM peer.delivery), (SELECT count(*) FROM peer.event),
    (SELECT coalesce(sum(opens + clicks + replies + bounces + interested + sent), 0) FROM peer.daily_stats)"""


class Wrong(SystemExit):
    """Error: a measured system lost, doubled or miscounted an event."""


def wait_until_empty(connection: psycopg.Connection, question: str = QUEUED) -> None:
    """Wait until the queue is empty: every event logged, counted and numbered for the feed."""
    due = monotonic() + DRAINS_WITHIN
    while connection.execute(question).fetchone() != (False,):
        if monotonic() > due:
            raise Wrong(f"error: the queue did not drain within {DRAINS_WITHIN:.0f} seconds.")
        sleep(0.03)  # each question costs the server, which is measured


def ours(connection: psycopg.Connection, accepted: int, *, unjudged: str = "") -> None:
    """Raise Wrong unless each of the `accepted` deliveries is one event, none is queued, and the rollups equal a recount.

    `unjudged`: a workspace written by a system that does not detect machine opens; those columns are not compared.
    """
    deliveries, events, waiting = connection.execute(PRODUCT_COUNTS).fetchone() or (0, 0, 0)
    if (deliveries, events, waiting) != (accepted, accepted, 0):
        raise Wrong(
            f"error: {accepted} were accepted, but {deliveries} deliveries, {events} events and {waiting} waiting are there."
        )
    kept, counted = (_figures(rows) for rows in (KEPT, RECOUNTED))
    row = connection.execute(
        f"SELECT count(*) FROM (({kept} EXCEPT {counted}) UNION ALL ({counted} EXCEPT {kept})) AS different",
        {"unjudged": unjudged},
    ).fetchone()
    if row != (0,):
        raise Wrong(f"error: {row and row[0]} rollup rows differ from a recount.")


def _figures(rows: str) -> str:
    """Return the rows of the daily stats that are not zero, in comparable form."""
    some = f"({', '.join(ROLLUP_COUNTERS)}) <> ({', '.join('0' for _ in ROLLUP_COUNTERS)})"
    return f"""SELECT {KEY}, {COMPARED} FROM ({rows}) AS s LEFT JOIN campaigns_campaign p ON p.id = s.campaign_id
        LEFT JOIN accounts_providerconnection c ON c.id = p.connection_id WHERE {some}"""


def peers(connection: psycopg.Connection, accepted: int) -> None:
    """Raise Wrong unless the peer's deliveries, log and counters each equal `accepted`."""
    found = connection.execute(PEER_COUNTS).fetchone()
    if found != (accepted, accepted, accepted):
        raise Wrong(f"error: the peer accepted {accepted}; deliveries, events and figures are {found}.")
