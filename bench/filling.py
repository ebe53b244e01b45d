"""Fill the benchmark's database to a given size: a hundred organizations, one far larger than others.

Filled by SQL, because reading is what the benchmark measures. The rows equal those the product would have written: the rollups are
recounted, and the search vectors assembled here are compared with the product's own function.
"""

from dataclasses import dataclass
from random import Random
from uuid import UUID

import psycopg

from bench import cast, checking
from bench.results import progress
from messaging import organization_stats
from messaging.models.rollup import ROLLUP_COUNTERS
from messaging.search import VERSION
from tests.recount import RECOUNT

TEXTS = 20_000
WORDS = 30_000
CAMPAIGNS_OF_BIG = 111  # the first has half of the big organization's messages
CHUNK = 200_000
SYLLABLES = [
    "ba",
    "be",
    "bi",
    "bo",
    "da",
    "de",
    "do",
    "fa",
    "fi",
    "ga",
    "go",
    "ha",
    "ka",
    "ke",
    "la",
    "le",
    "li",
    "lo",
    "ma",
    "me",
    "mi",
    "mo",
    "na",
    "ne",
    "no",
    "pa",
    "pe",
    "ra",
    "re",
    "ri",
    "ro",
    "sa",
    "se",
    "si",
    "so",
    "ta",
    "te",
    "ti",
    "to",
    "wa",
    "we",
    "zu",
]


@dataclass
class Library:
    """Content of the filled database, for choosing queries. `words`: commonest first."""

    big: UUID
    campaign: UUID
    words: list[str]
    texts: int
    messages: int = 0


def begin(watching: psycopg.Connection, messages: int) -> Library:
    """Create organizations, campaigns and the texts from which the messages are made: one per fifty messages, 20,000 at most."""
    watching.execute(f"TRUNCATE {checking.WRITTEN}")  # of other parts
    organizations = cast.known_or_new()
    place = cast.workspace("library", organizations[:1], CAMPAIGNS_OF_BIG)
    others = cast.workspace("library-others", organizations[1:], 2 * (len(organizations) - 1))
    watching.execute(
        "CREATE TABLE bench_campaign (org int, n int, organization_id uuid, id uuid, connection_id uuid, PRIMARY KEY (org, n))"
    )
    for number, (connection, count) in enumerate(
        ((place.connection_id, 1), (others.connection_id, len(organizations) - 1))
    ):
        watching.execute(
            """INSERT INTO bench_campaign
            SELECT CASE WHEN %s = 0 THEN 0 ELSE 1 + (c.k - 1) %% %s END, CASE WHEN %s = 0 THEN c.k - 1 ELSE (c.k - 1) / %s END,
                organization_id, id, connection_id
            FROM (SELECT *, row_number() OVER (ORDER BY provider_id) AS k FROM campaigns_campaign WHERE connection_id = %s) AS c""",
            [number, count, number, count, connection],
        )
    texts = min(TEXTS, max(500, messages // 50))
    words = _write_texts(watching, texts)
    row = watching.execute("SELECT organization_id, id FROM bench_campaign WHERE org = 0 AND n = 0").fetchone()
    assert row
    return Library(row[0], row[1], words, texts)


def existing_library(watching: psycopg.Connection) -> Library | None:
    """Return the content that an earlier benchmark part has already filled in; None if the database is empty."""
    if watching.execute("SELECT to_regclass('bench_text')").fetchone() == (None,):
        return None
    first = watching.execute("SELECT organization_id, id FROM bench_campaign WHERE org = 0 AND n = 0").fetchone()
    counts = watching.execute("SELECT (SELECT count(*) FROM bench_text), (SELECT count(*) FROM messaging_message)")
    texts, messages = counts.fetchone() or (0, 0)
    assert first
    organization_id, campaign_id = first
    return Library(organization_id, campaign_id, _words(Random(11)), texts, messages)


def _words(dice: Random) -> list[str]:
    return list(dict.fromkeys("".join(dice.choices(SYLLABLES, k=dice.randrange(2, 5))) for _ in range(3 * WORDS)))[
        :WORDS
    ]


def _write_texts(watching: psycopg.Connection, count: int) -> list[str]:
    """Write texts of random words, of which the n-th is n times as rare as the first (Zipf's law)."""
    dice = Random(11)
    words = _words(dice)
    weights = [1 / (rank + 2) for rank in range(len(words))]
    watching.execute("CREATE TABLE bench_text (n int PRIMARY KEY, subject text, body text, search tsvector)")
    with watching.cursor().copy("COPY bench_text (n, subject, body) FROM STDIN") as copy:
        for n in range(count):
            drawn = dice.choices(words, weights, k=64)
            copy.write_row((n, " ".join(drawn[:4]), f"Guten Tag,\n\n{' '.join(drawn[4:])}.\n\nViele Grüße"))
    watching.execute("UPDATE bench_text SET search = sb_search_vector('', '', subject, body)")
    return words


AT = """timestamptz '2025-03-01 08:00Z' + (block * 7 + slot) %% 100 * interval '1 day' + (block %% 3000) * interval '10 seconds'
            + step * interval '1 hour' + r.n * interval '1 microsecond'"""
"""The time of a message, spread over a hundred days, all of them past."""
ROWS = "SELECT n, n / 400 AS block, n %% 100 AS slot, n / 100 %% 4 AS step FROM generate_series(%s::int, %s::int) AS n"
PLAN = f"""CREATE TEMP TABLE bench_row ON COMMIT PRESERVE ROWS AS
    SELECT r.n, step, t.n AS text, c.organization_id, c.id AS campaign_id, c.connection_id,
        md5('contact ' || block || ' ' || slot)::uuid AS contact_id,
        md5('message ' || r.n)::uuid AS id, block, slot,
        {AT} AS at
    FROM ({ROWS}) AS r
    JOIN bench_campaign c ON c.org = CASE WHEN slot < 21 THEN 0 ELSE 1 + (block * 79 + slot - 21) %% 99 END
        AND c.n = CASE WHEN slot >= 21 THEN (block + slot) %% 2
            WHEN (block * 21 + slot) %% 2 = 0 THEN 0 ELSE 1 + (block * 21 + slot) / 2 %% 110 END
    JOIN bench_text t ON t.n = (r.n::bigint * 7919) %% %s"""
CONTACTS = """INSERT INTO messaging_contact (id, organization_id, email, first_name, last_name, company,
        named_at, first_seen_at, replied_at)
    SELECT contact_id, organization_id, 'lead' || block || '-' || slot || '@lead' || slot || '.example', 'Robin',
        'Sample' || block * 100 + slot,
        'Werk ' || slot, at, at, CASE WHEN block % 3 = 0 THEN at + interval '3 hours' END
    FROM bench_row WHERE step = 0 ON CONFLICT DO NOTHING"""
MESSAGES = """INSERT INTO messaging_message (id, organization_id, campaign_id, contact_id, direction, step, variant,
        email_account, email_id, subject, body_text, reply_text, text_at, happened_at, sent_at, opened_at, replied_at, open_count)
    SELECT r.id, organization_id, campaign_id, contact_id, CASE WHEN step = 3 THEN 'in' ELSE 'out' END, least(step + 1, 3), 1,
        'nora@outreach.example', r.id::text, subject, body, CASE WHEN step = 3 THEN body END, at, at, at,
        CASE WHEN step < 3 AND r.n % 10 < 3 THEN at + interval '5 minutes' END,
        CASE WHEN step = 2 AND block % 3 = 0 THEN at + interval '1 hour' END, CASE WHEN step < 3 AND r.n % 10 < 3 THEN 1 ELSE 0 END
    FROM bench_row r JOIN bench_text t ON t.n = r.text"""
# Ids below zero, where no delivery's id can be.
EVENTS = """INSERT INTO messaging_event (id, organization_id, connection_id, campaign_id, contact_id, message_id, type, origin, happened_at,
        position, step, variant, email_account, email_id, lead_email, detail, first_name, last_name, company)
    SELECT -1 - 2 * r.n - k, organization_id, connection_id, campaign_id, contact_id, r.id, kind, 'webhook', at + k * interval '5 minutes',
        nextval('messaging_event_position'), least(step + 1, 3), 1, 'nora@outreach.example', '',
        'lead' || block || '-' || slot || '@lead' || slot || '.example', kind, '', '', ''
    FROM bench_row r, LATERAL (VALUES (0, CASE WHEN step = 3 THEN 'reply_received' ELSE 'email_sent' END),
        (1, CASE WHEN step < 3 AND r.n % 10 < 3 THEN 'email_opened' END)) AS e (k, kind)
    WHERE kind IS NOT NULL"""
NAMED = """CREATE TEMP TABLE bench_name AS
    SELECT c.id, sb_search_vector(concat_ws(' ', first_name, last_name, company), email, '', '') AS who
    FROM messaging_contact c JOIN bench_row r ON r.contact_id = c.id AND r.step = 0"""
SEARCH = f"""INSERT INTO messaging_messagesearch (id, organization_id, campaign_id, contact_id, direction, sent_at, version, search)
    SELECT r.id, organization_id, campaign_id, contact_id, CASE WHEN step = 3 THEN 'in' ELSE 'out' END, at, {VERSION}, w.who || t.search
    FROM bench_row r JOIN bench_text t ON t.n = r.text JOIN bench_name w ON w.id = r.contact_id"""
DIFFERENT = """SELECT count(*) FROM (SELECT * FROM messaging_messagesearch ORDER BY id LIMIT 200) s JOIN messaging_message m USING (id)
    JOIN messaging_contact c ON c.id = m.contact_id
    WHERE s.search <> sb_search_vector(concat_ws(' ', first_name, last_name, company), c.email, m.subject,
        coalesce(m.reply_text, m.body_text))"""
ROLLUPS = f"""INSERT INTO messaging_dailystats (organization_id, campaign_id, email_account, day, step, variant,
    {", ".join(ROLLUP_COUNTERS)}) {RECOUNT}"""


def grow(library: Library, messages: int, watching: psycopg.Connection) -> None:
    """Add messages up to this number, with contacts, events, search rows and rollups; then run ANALYZE."""
    index = watching.execute("SELECT indexdef FROM pg_indexes WHERE indexname = 'message_search_gin'").fetchone()
    assert index
    watching.execute("DROP INDEX message_search_gin")
    for begin in range(library.messages, messages, CHUNK):
        end = min(begin + CHUNK, messages)
        watching.execute("DROP TABLE IF EXISTS bench_row, bench_name")
        with psycopg.ClientCursor(watching) as cursor:
            cursor.execute(PLAN, [begin, end - 1, library.texts])
        for statement in (CONTACTS, MESSAGES, EVENTS, NAMED, SEARCH):
            watching.execute(statement)
        progress(f"reads: {end:,} messages")
    watching.execute(index[0])
    watching.execute("TRUNCATE messaging_dailystats")
    watching.execute(ROLLUPS)
    while organization_stats.refresh():
        pass
    watching.execute("TRUNCATE messaging_searchpending, messaging_renamedcontact")
    for table in (
        "message",
        "event",
        "contact",
        "messagesearch",
        "contactsearch",
        "dailystats",
        "organizationdailystats",
        "stalestats",
    ):
        watching.execute(f"VACUUM (ANALYZE) messaging_{table}")
    library.messages = messages
    if watching.execute(DIFFERENT).fetchone() != (0,):
        raise checking.Wrong("error: search rows were put together wrongly; sb_search_vector has changed.")
