"""Fill an organization with contacts and their mails, and score all of them anew."""

from time import perf_counter, process_time
from uuid import UUID

import psycopg
from django.utils import timezone

from bench.checking import Wrong
from bench.results import progress
from bench.scratch import Scratch
from messaging.scores import scoring

CONTACTS = """INSERT INTO messaging_contact (id, organization_id, email, first_name, last_name, company, first_seen_at, created_at,
        updated_at, unsubscribed_at)
    SELECT md5('scored' || n)::uuid, %(organization)s, 'scored' || n || '@firm' || n / 4 || '.example', 'First' || n, 'Last' || n,
        'Firm ' || n / 4, now() - n %% 300 * interval '1 day', now(), now(), CASE WHEN n %% 40 = 0 THEN now() - interval '2 days' END
    FROM generate_series(1, %(count)s) AS n"""
SENT = """INSERT INTO messaging_message (id, organization_id, contact_id, direction, step, variant, subject, body_text, happened_at,
        email_account, created_at, updated_at, opened_at, open_count, clicked_at, click_count)
    SELECT md5('scored sent' || n || '.' || step)::uuid, %(organization)s, md5('scored' || n)::uuid, 'out', step, 1, 'Hello', 'Hello.',
        at, 'a@sender.example', now(), now(), CASE WHEN opens > 0 THEN at + interval '3 hours' END, opens,
        CASE WHEN opens = 2 AND n %% 5 = 0 THEN at + interval '4 hours' END, (opens = 2 AND n %% 5 = 0)::int
    FROM generate_series(1, %(count)s) AS n, generate_series(1, 5) AS step,
        LATERAL (SELECT now() - (n %% 300 - 3 * step) * interval '1 day' - interval '20 days' AS at, (n + step) %% 3 AS opens) AS drawn"""
RECEIVED = """INSERT INTO messaging_message (id, organization_id, contact_id, direction, step, variant, subject, body_text, happened_at,
        email_account, created_at, updated_at)
    SELECT md5('scored received' || n)::uuid, %(organization)s, md5('scored' || n)::uuid, 'in', 0, 0, 'Re: Hello', 'Thank you.',
        now() - (n %% 300 - 7) * interval '1 day' - interval '20 days', 'a@sender.example', now(), now()
    FROM generate_series(10, %(count)s, 10) AS n"""
CATEGORIES = """INSERT INTO messaging_messagecategory (id, organization_id, category, predicted, p, candidates, source, rule, version,
        reason, decided_at)
    SELECT md5('scored received' || n)::uuid, %(organization)s, category, category, 0.9, ARRAY[category], 'model', '', 'bench', '{}', now()
    FROM generate_series(10, %(count)s, 10) AS n,
        LATERAL (SELECT (ARRAY['interested', 'question', 'not_now', 'objection', 'not_interested'])[1 + n / 10 %% 5]
            AS category) AS drawn"""
TABLES = "messaging_contact", "messaging_message", "messaging_messagecategory"


def fill(watching: psycopg.Connection, organization: UUID, count: int) -> None:
    """Create contacts with five mails sent to each, opens and clicks, and a categorized reply of every tenth."""
    with psycopg.ClientCursor(watching) as cursor:
        for statement in (CONTACTS, SENT, RECEIVED, CATEGORIES):
            cursor.execute(statement, {"organization": organization, "count": count})
    for table in TABLES:
        watching.execute(f"VACUUM (ANALYZE) {table}")
    progress(f"intelligence: {count:,} contacts to score are there")


def contacts_of(watching: psycopg.Connection, organization: UUID) -> int:
    row = watching.execute(
        "SELECT count(*) FROM messaging_contact WHERE organization_id = %s", [organization]
    ).fetchone()
    assert row
    return int(row[0])


def measured(scratch: Scratch, organization: UUID, count: int) -> dict[str, float]:
    """Score the contacts of a new organization; return wall time and this process's CPU in seconds."""
    with scratch.connect(owner=True) as watching:
        before = contacts_of(watching, organization)  # of parts that ran before
        fill(watching, organization, count)
    began, cpu = perf_counter(), process_time()
    scored = scoring.score_organization(organization, now=timezone.now())
    took = {"seconds": perf_counter() - began, "client_cpu": process_time() - cpu}
    if scored != before + count:
        raise Wrong(f"error: {before + count} contacts are there, {scored} were scored.")
    return took
