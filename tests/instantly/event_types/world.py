"""Database for property tests of events: emptied cheaply, fed with webhooks in any order, read back."""

import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import orjson
from django.db import connection, connections, transaction
from django.utils import timezone

from campaigns.models import Campaign
from instantly.processing import inline
from instantly.processing.batch import number_events, process_pending
from instantly.webhooks.store import store_raw
from messaging import search
from messaging.campaign_transfer import move_campaign
from messaging.inbox.recount import differences as conversation_differences
from messaging.models.rollup import ROLLUP_COUNTERS
from messaging.stats_rebuild import differences
from salesbrain import rls
from tests.instantly.event_types.truth import Body, Rows, truth
from tests.recount import RECOUNT

TABLES = (
    "instantly_delivery instantly_pending instantly_held instantly_alert messaging_event messaging_searchpending messaging_renamedcontact "
    "messaging_messagesearch messaging_contactsearch messaging_message messaging_contact messaging_suppression "
    "messaging_dailystats accounts_emailaccount accounts_auditentry"
)
AT = """to_char({} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')"""


def at(*columns: str) -> str:
    return ", ".join(AT.format(column) for column in columns)


OPT_OUTS = at("replied_at", "bounced_at", "unsubscribed_at", "complained_at", "meeting_at")
READ = {
    "contacts": f"""SELECT email, {at("first_seen_at", "named_at")}, first_name, last_name, company, {{phones}} {at("interest_at")},
        interest, {OPT_OUTS} FROM messaging_contact""",
    "messages": f"""SELECT direction, is_auto_reply, c.email, step, variant, email_account, email_id,
        {at("m.happened_at", "sent_at", "opened_at", "clicked_at", "m.bounced_at", "m.replied_at")}, open_count, click_count,
        machine_open_count, machine_click_count, {at("text_at")}, subject, body_text,
        coalesce(reply_text, CASE WHEN text_at IS NOT NULL THEN '' END)
        FROM messaging_message m JOIN messaging_contact c ON c.id = m.contact_id AND c.organization_id = m.organization_id""",
    "suppressions": f"""SELECT email, reason, {at("first_at", "last_at")} FROM messaging_suppression
        WHERE organization_id = {{organization}}""",
    "campaign": f"SELECT status, {at('status_at')} FROM campaigns_campaign WHERE status_at IS NOT NULL",
    "email accounts": f"SELECT address, status, {at('status_at')}, status_reason FROM accounts_emailaccount",
    "figures": f"""SELECT email_account, day::text, step, variant, figure, count FROM messaging_dailystats,
        LATERAL (VALUES {", ".join(f"('{figure}', {figure})" for figure in ROLLUP_COUNTERS)}) AS f (figure, count) WHERE count <> 0""",
}
UNFOUND = """SELECT m.id FROM messaging_message m JOIN messaging_contact c ON c.id = m.contact_id AND c.organization_id = m.organization_id
    LEFT JOIN messaging_messagesearch s ON s.id = m.id LEFT JOIN messaging_contactsearch p ON p.id = c.id,
    LATERAL (SELECT concat_ws(' ', c.first_name, c.last_name, c.company) AS name) AS n
    WHERE s.search IS DISTINCT FROM sb_search_vector(name, c.email, m.subject, sb_searchable(m.reply_text, m.body_text))
        OR p.who IS DISTINCT FROM sb_who(name, c.email)"""


@dataclass(frozen=True)
class Plan:
    """Order of deliveries. `order`: their numbers, repeated for copies; `cuts`: positions at which workers run."""

    order: list[int]
    cuts: list[int]
    sizes: list[int]
    workers: int = 1
    inline: bool = False
    indexing: bool = False
    moves: tuple[int, ...] = ()


class World:
    """A campaign of a shared workspace, and three organizations it may be moved between; finally it belongs to the first."""

    def __init__(self, campaign: Campaign, organizations: list[Any]) -> None:
        self.campaign = campaign
        self.organizations = organizations

    def live(self, bodies: list[Body], plan: Plan) -> None:
        """Empty the database, follow the plan, and compare the result with the reference. Raises AssertionError."""
        self._empty()
        start, moves = 0, list(plan.moves)
        for end in [*sorted(plan.cuts), len(plan.order)]:
            self._feed([bodies[n] for n in plan.order[start:end]], plan)
            if moves:
                self._move(moves.pop())
            start = end
        self._send_round_again()
        self._work(plan)
        self._move(0)
        _number_all()  # what was moved is numbered anew
        self._compare(truth(bodies, with_phones=not plan.moves), with_phones=not plan.moves, events=len(bodies))

    def _empty(self) -> None:
        with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
            for table in TABLES.split():
                cursor.execute(f"DELETE FROM {table}")
            cursor.execute(
                "UPDATE campaigns_campaign SET status = 'active', status_at = NULL, organization_id = %s",
                [self.organizations[0].pk],
            )

    def _feed(self, bodies: list[Body], plan: Plan) -> None:
        if plan.inline:
            for body in bodies:
                self._accept(body)
                inline.process_inline()
            return
        with transaction.atomic():
            for body in bodies:
                self._accept(body)
        self._work(plan)

    def _accept(self, body: Body) -> None:
        store_raw(self.campaign.connection_id, orjson.dumps(body | {"campaign_id": self.campaign.provider_id}))

    def _work(self, plan: Plan) -> None:
        if plan.workers == 1:
            _until_empty(plan.sizes)
            return
        with ThreadPoolExecutor(plan.workers) as pool:
            turns = [
                pool.submit(_in_a_thread, plan.sizes[n:] or [500], indexing=plan.indexing) for n in range(plan.workers)
            ]
            for done in turns:
                done.result()

    def _move(self, to: int) -> None:
        move_campaign(self.campaign.pk, self.organizations[to].pk, now=timezone.now())

    def _send_round_again(self) -> None:
        with connections["owner"].cursor() as cursor:
            cursor.execute("INSERT INTO instantly_pending SELECT id FROM messaging_event")

    def index(self) -> None:
        """Write the remaining search rows, and check each against its message and contact."""
        while search.index_pending():
            pass
        assert _rows(UNFOUND) == []

    def _compare(self, expected: Rows, *, with_phones: bool, events: int) -> None:
        filled = {"phones": "phone, website, " if with_phones else "", "organization": f"'{self.organizations[0].pk}'"}
        for table, query in READ.items():
            found = sorted(map(repr, _rows(query.format(**filled))))
            assert found == expected[table], f"{table} are not what the deliveries say"
        assert _rows("SELECT count(*)::int, count(DISTINCT position)::int FROM messaging_event") == [(events, events)]
        assert _rows("SELECT count(*)::int FROM instantly_held") == [(0,)]
        assert differences() == []
        assert list(conversation_differences()) == []
        stored = f"""SELECT organization_id, campaign_id, email_account, day, step, variant, {", ".join(ROLLUP_COUNTERS)}
            FROM messaging_dailystats WHERE ({", ".join(ROLLUP_COUNTERS)}) <> ({", ".join("0" for _ in ROLLUP_COUNTERS)})"""
        assert sorted(map(repr, _rows(stored))) == sorted(map(repr, _rows(RECOUNT)))


def a_plan(dice: random.Random, n: int, **fixed: Any) -> Plan:
    """Draw a random plan for n deliveries, a third of them repeated."""
    order = [*range(n), *dice.choices(range(n), k=n // 3)]
    dice.shuffle(order)
    drawn = {
        "order": order,
        "cuts": sorted(dice.choices(range(len(order) + 1), k=dice.randrange(4))),
        "sizes": dice.choices([1, 2, 3, 7, 20, 100], k=6),
    }
    return Plan(**{**drawn, **fixed})


def _until_empty(sizes: list[int], *, indexing: bool = False) -> None:
    turn = 0
    while process_pending(sizes[turn % len(sizes)]):
        number_events(sizes[turn % len(sizes)])
        if indexing:
            search.index_pending(sizes[turn % len(sizes)])
        turn += 1
    _number_all()


def _number_all() -> None:
    while number_events():
        pass


def _in_a_thread(sizes: list[int], *, indexing: bool) -> None:
    try:
        _until_empty(sizes, indexing=indexing)
    finally:
        connection.close()


def _rows(query: str) -> list[tuple[Any, ...]]:
    with rls.scope(rls.SYSTEM), connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchall()
