"""Temporary: cost of a batch of triage."""

import cProfile
import json
import pstats
from datetime import timedelta
from pathlib import Path
from time import perf_counter, process_time
from uuid import uuid4

import pytest
from django.db import connection

from messaging.intelligence.triage import pending
from messaging.models import Contact, Event, Message, TriagePending
from salesbrain import rls
from tests import factories
from tests.factories import NOON

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(1800)]


def texts():
    rows = []
    for path in sorted(Path("fixtures/triage").glob("train_*.jsonl")):
        rows += [json.loads(line) for line in path.read_text().splitlines()]
    return rows[::4]


def test_profile(shared_connection, acme):
    campaign = factories.campaign(shared_connection, organization=acme)
    rows = texts()[:640]
    with rls.scope(rls.SYSTEM):
        contacts, mails, events = [], [], []
        for n, row in enumerate(rows):
            c = Contact.objects.at(acme.pk, f"p{n}@l.example"); c.first_seen_at = NOON
            contacts.append(c)
            m = Message(id=uuid4(), organization_id=acme.pk, campaign=campaign, contact=c, direction="in", subject=row["subject"], reply_text=row["text"],
                text_at=NOON, happened_at=NOON, sent_at=NOON)
            mails.append(m)
        Contact.objects.bulk_create(contacts); Message.objects.bulk_create(mails)
        for n, m in enumerate(mails):
            events.append(Event(id=10**14 + n, organization_id=acme.pk, campaign=campaign, contact_id=m.contact_id, message_id=m.pk, type="reply_received", origin="webhook", happened_at=NOON, lead_email="x@l.example", email_account="", connection_id=campaign.connection_id))
        Event.objects.bulk_create(events)
    with connection.cursor() as cur:
        cur.execute("SELECT pg_backend_pid()"); pid = cur.fetchone()[0]
    ticks = lambda: sum(int(x) for x in open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()[11:13]) / 100
    def note():
        with rls.scope(rls.SYSTEM), connection.cursor() as cur:
            cur.execute("DELETE FROM messaging_messagecategory"); cur.execute("DELETE FROM messaging_event WHERE type='reply_category'")
            cur.execute("UPDATE messaging_conversation SET category = NULL")
            TriagePending.objects.bulk_create([TriagePending(message_id=m.pk) for m in mails])
    for limit in (64, 64, 64, 8, 1):
        note()
        cpu, server, wall, n = process_time(), ticks(), perf_counter(), 0
        if limit == 1:
            for _ in range(100): n += pending.triage_pending(1)
        else:
            while k := pending.triage_pending(limit): n += k
        print(f"BATCH {limit}: {1e6*(process_time()-cpu)/n:.0f} us CPU a reply, server {1e6*(ticks()-server)/n:.0f}, wall {1e6*(perf_counter()-wall)/n:.0f} ({n})")
    note()
    profile = cProfile.Profile(); profile.enable()
    while pending.triage_pending(64): pass
    profile.disable()
    stats = pstats.Stats(profile)
    stats.sort_stats("cumulative").print_stats(45); stats.sort_stats("tottime").print_stats(45)
