"""Benchmark of the inbox: its lists, opening a conversation, the newest page of a long thread.

For a customer with very many conversations. Requests run in this process, one after the other, so that times contain only PostgreSQL and
rendering.
"""

from statistics import median, quantiles
from uuid import UUID

import psycopg
from django.contrib.sessions.backends.db import SessionStore
from django.test import Client

from accounts.models import Membership, User
from bench import filling
from bench.admin import ask, staff
from bench.checking import Wrong
from bench.plan import Plan
from bench.results import Results, progress
from bench.scratch import Scratch
from salesbrain import rls
from salesbrain.web.organizations import SESSION_KEY

PART = "inbox"
AIM = 8
LIST, OPEN, THREAD = 60.0, 80.0, 150.0
"""Targets in milliseconds for 95 of 100 requests of a list, of a conversation, of a long thread."""

CONVERSATIONS = {"full": 100_000, "quick": 5_000, "tiny": 200}
MAILS = {"full": 5_000, "quick": 500, "tiny": 50}
QUESTIONS = {"full": 200, "quick": 50, "tiny": 5}

# Every third is done, every third waits for the person, the others are spread over the lanes; labels on every tenth.
CONTACTS = """INSERT INTO messaging_contact
        (id, organization_id, email, first_name, last_name, company, first_seen_at, replied_at, created_at, updated_at)
    SELECT md5('inbox' || n)::uuid, %(organization)s, 'inbox' || n || '@firm' || n / 4 || '.example', 'First' || n, 'Last' || n,
        'Firm ' || n / 4, wrote.at, wrote.at, wrote.at, wrote.at
    FROM generate_series(1, %(count)s) AS n, LATERAL (SELECT now() - n * interval '1 minute') AS wrote (at) ON CONFLICT DO NOTHING"""
MESSAGES = """INSERT INTO messaging_message (id, organization_id, contact_id, direction, step, variant, subject, body_text, reply_text,
        happened_at, email_id, email_account, created_at, updated_at)
    SELECT md5('inbox mail' || n)::uuid, %(organization)s, md5('inbox' || n)::uuid, 'in', 0, 0, 'Re: Hello', repeat('Thank you. ', 40),
        'Thank you for your mail, can we talk?', now() - n * interval '1 minute', 'inbox' || n, 'a@sender.example', now(), now()
    FROM generate_series(1, %(count)s) AS n ON CONFLICT DO NOTHING"""
THREAD_MAILS = """INSERT INTO messaging_message (id, organization_id, contact_id, direction, step, variant, subject, body_text,
        reply_text, happened_at, email_account, created_at, updated_at)
    SELECT md5('inbox thread' || n)::uuid, %(organization)s, md5('inbox1')::uuid, CASE WHEN n %% 2 = 0 THEN 'in' ELSE 'out' END, 0, 0,
        'Re: Hello', repeat('Thank you. ', 200), 'Thank you.', now() - n * interval '1 minute', 'a@sender.example', now(), now()
    FROM generate_series(1, %(mails)s) AS n ON CONFLICT DO NOTHING"""
THREAD_EVENTS = """INSERT INTO messaging_event (id, organization_id, contact_id, message_id, type, origin, happened_at, position, detail,
        step, variant, email_account, email_id, lead_email, first_name, last_name, company)
    SELECT 4000000000000 + n, %(organization)s, md5('inbox1')::uuid, md5('inbox thread' || n)::uuid, 'reply_received', 'webhook',
        now() - n * interval '1 minute', nextval('messaging_event_position'), '', 0, 0, '', '', '', '', '', ''
    FROM generate_series(1, %(mails)s) AS n ON CONFLICT DO NOTHING"""
EVENTS = """INSERT INTO messaging_event (id, organization_id, contact_id, message_id, type, origin, happened_at, position, detail,
        step, variant, email_account, email_id, lead_email, first_name, last_name, company)
    SELECT 3000000000000 + n, %(organization)s, md5('inbox' || n)::uuid, md5('inbox mail' || n)::uuid, 'reply_received', 'webhook',
        now() - n * interval '1 minute', nextval('messaging_event_position'), '', 0, 0, '', '', '', '', '', ''
    FROM generate_series(1, %(count)s) AS n ON CONFLICT DO NOTHING"""
ROWS = """INSERT INTO messaging_conversation (id, organization_id, state, category, is_unread, last_mail_at, last_human_at, last_inbound_at,
        waiting_since, snoozed_until)
    SELECT md5('inbox' || n)::uuid, %(organization)s,
        CASE n %% 3 WHEN 0 THEN 'done' WHEN 1 THEN 'waiting' ELSE CASE WHEN n %% 100 = 2 THEN 'snoozed' ELSE 'open' END END,
        (ARRAY['interested', 'meeting', 'question', 'objection', 'not_now', 'out_of_office', 'unsure'])[1 + n / 3 %% 7], n %% 5 = 0,
        now() - n * interval '1 minute', now() - n * interval '1 minute', now() - n * interval '1 minute', now() - n * interval '1 minute',
        CASE WHEN n %% 100 = 2 AND n %% 3 = 2 THEN now() + (n %% 7 - 3) * interval '1 day' END
    FROM generate_series(1, %(count)s) AS n ON CONFLICT DO NOTHING"""
LABELS = """INSERT INTO messaging_contactlabel (id, organization_id, contact_id, name)
    SELECT gen_random_uuid(), %(organization)s, md5('inbox' || n)::uuid, 'Label ' || n %% 7 FROM generate_series(10, %(count)s, 10) AS n
    ON CONFLICT DO NOTHING"""
TABLES = (
    "messaging_contact",
    "messaging_message",
    "messaging_event",
    "messaging_conversation",
    "messaging_contactlabel",
)
LISTS = (
    "/inbox", "/inbox?lane=meeting", "/inbox?lane=waiting", "/inbox?lane=done", "/inbox?lane=all", "/inbox?lane=snoozed",
    "/inbox?label=Label+3",
)  # fmt: skip


def measure(plan: Plan, scratch: Scratch, results: Results) -> None:
    """Fill a database of the plan's largest size, build the largest organization's conversations, and open the pages."""
    size, count = plan.messages[-1], CONVERSATIONS[plan.name]
    with scratch.connect(owner=True) as watching:
        library = filling.existing_library(watching) or filling.begin(watching, size)
        if library.messages < size:
            filling.grow(library, size, watching)
        fill(watching, library.big, count, MAILS[plan.name])
        client = owner(library.big)
        asked = QUESTIONS[plan.name]
        keys = [
            row[0] for row in watching.execute("SELECT id FROM messaging_conversation ORDER BY id LIMIT %s", [asked])
        ]
        long = watching.execute("SELECT md5('inbox1')::uuid").fetchone()
        assert long
    lists = [LISTS[number % len(LISTS)] for number in range(asked)]
    pages = [f"/inbox/{key}?lane=all" for key in keys]
    thread = [f"/inbox/{long[0]}?lane=all"] * asked
    at = f"{size:,} messages, {count:,} conversations"
    _measure(results, plan, f"{at}: list", client, lists, LIST)
    _measure(results, plan, f"{at}: newest page of {MAILS[plan.name]:,} mails", client, thread, THREAD)
    client.defaults["HTTP_X_PART"] = "pane"  # what a key or a click asks for
    _measure(results, plan, f"{at}: open", client, pages, OPEN, mark='id="pane"')


def fill(watching: psycopg.Connection, organization: UUID, count: int, mails: int) -> None:
    values = {"organization": organization, "count": count, "mails": mails}
    with psycopg.ClientCursor(watching) as cursor:
        for statement in (CONTACTS, MESSAGES, EVENTS, THREAD_MAILS, THREAD_EVENTS, ROWS, LABELS):
            cursor.execute(statement, values)
    for table in TABLES:
        watching.execute(f"VACUUM (ANALYZE) {table}")
    progress(f"inbox: {count:,} conversations are there")


def owner(organization: UUID) -> Client:
    """Return a logged-in HTTP client of an owner of the organization."""
    client = staff()  # its settings are those of pages in this process
    user, _ = User.objects.get_or_create(email="inbox@bench.example")
    with rls.scope(rls.SYSTEM):
        Membership.objects.get_or_create(user=user, organization_id=organization)
    client.force_login(user)
    session: SessionStore = client.session  # type: ignore[assignment]
    session[SESSION_KEY] = str(organization)
    session.save()
    return client


def _measure(
    results: Results,
    plan: Plan,
    case: str,
    client: Client,
    addresses: list[str],
    limit: float,
    *,
    mark: str = 'id="inbox-list"',
) -> None:
    times = []
    for address in addresses:  # once without the clock: an unread one is marked, the reader recorded, plans are made
        ask(client, address)
    for _round in range(plan.rounds):
        for address in addresses:
            page, milliseconds = ask(client, address)
            if mark not in page:
                raise Wrong(f"error: {address} is answered without {mark}.")
            times.append(milliseconds)
    p95 = quantiles(times, n=20)[-1]
    results.add(PART, case, "salesbrain", p50=median(times), p95=p95)
    results.aim(PART, AIM, f"{case}, 95 % of the answers, ms", limit, p95, at_least=False)
