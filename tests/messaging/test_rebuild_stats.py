"""Recount of the daily stats: all differences found, safe beside a worker."""

from io import StringIO
from threading import Event as Signal
from threading import Thread

import orjson
import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections, transaction
from django.utils import timezone

from instantly.processing.batch import process_pending
from instantly.webhooks.store import store_raw
from messaging import event_writer
from messaging.campaign_transfer import move_campaign
from messaging.models import DailyStats, Message
from messaging.models.rollup import ROLLUP_COUNTERS
from messaging.stats_rebuild import differences, rebuild
from salesbrain import rls
from tests import factories
from tests.recount import RECOUNT
from tests.waiting import until_somebody_waits_for_a_lock

pytestmark = pytest.mark.django_db(transaction=True)

LIFE = [
    ("email_sent", "09:00"), ("email_opened", "09:00"), ("email_opened", "09:06"), ("link_clicked", "09:00"),
    ("reply_received", "10:00"), ("auto_reply_received", "09:01"), ("lead_interested", "10:01"), ("lead_unsubscribed", "11:00"),
    ("email_spam_report", "11:01"), ("email_bounced", "12:00"), ("lead_not_interested", "12:30"), ("lead_meeting_booked", "13:00"),
]  # fmt: skip


def deliver(campaign, leads=3, day="2026-07-10"):
    for n in range(leads):
        for type, at in LIFE:
            if n == 0 and at == "09:06":
                continue  # nobody but a machine opened this one
            body = {"event_type": type, "timestamp": f"{day}T{at}:00.000Z", "campaign_id": campaign.provider_id}
            body |= {
                "lead_email": f"lead{n}@lead.example",
                "step": 1,
                "variant": 1,
                "email_account": "a@sender.example",
            }
            store_raw(campaign.connection_id, orjson.dumps(body))


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("rebuild_stats", *arguments, stdout=out)
    return out.getvalue()


def stored() -> list[tuple]:
    with rls.scope(rls.SYSTEM):
        keys = "organization_id", "campaign_id", "email_account", "day", "step", "variant"
        rows = DailyStats.objects.values_list(*keys, *ROLLUP_COUNTERS)
        return sorted((row for row in rows if any(row[len(keys) :])), key=repr)


def recounted() -> list[tuple]:
    with rls.scope(rls.SYSTEM), connection.cursor() as cursor:
        cursor.execute(RECOUNT)
        return sorted(cursor.fetchall(), key=repr)


@pytest.fixture
def worked(acme_connection):
    campaign = factories.campaign(acme_connection)
    deliver(campaign)
    process_pending()
    return campaign


def test_after_a_run_there_is_no_difference_and_a_rebuild_changes_nothing(worked):
    before = stored()
    assert before and before == recounted()
    assert "what rows and log come to" in run("--check")
    assert "what rows and log come to" in run()
    assert stored() == before


def test_every_figure_is_counted_checked_and_set_right(worked):
    before = stored()
    with rls.scope(rls.SYSTEM):
        (row,) = DailyStats.objects.all()
        for n, figure in enumerate(ROLLUP_COUNTERS, 1):
            assert getattr(row, figure) > 0, f"the run before must count {figure}, or the recount would prove nothing"
            setattr(row, figure, getattr(row, figure) + n)
        row.save()
    with pytest.raises(CommandError, match="1 rows of figures differ"):
        run("--check")
    told = run()
    for n, figure in enumerate(ROLLUP_COUNTERS, 1):
        assert f"{figure} +{n}" in told
    assert "acme · Q3 Outbound · a@sender.example · step 1 variant 1" in told
    assert stored() == before == recounted()


def test_a_missing_row_is_made_a_spurious_one_is_emptied_and_zeros_go(worked, globex):
    before = stored()
    with rls.scope(rls.SYSTEM):
        DailyStats.objects.all().delete()
        DailyStats.objects.create(organization=globex, campaign=None, day="2026-07-01", sent=3)
        DailyStats.objects.create(organization=globex, campaign=None, day="2026-07-02")
    assert len(differences()) == 2, "a row of zeros is as good as none"
    assert len(rebuild()) == 2
    assert stored() == before
    with rls.scope(rls.SYSTEM):
        assert DailyStats.objects.count() == 1


def test_figures_without_a_campaign_are_one_row_and_no_difference(acme_connection):
    body = {"event_type": "email_opened", "timestamp": "2026-07-10T09:00:00.000Z", "lead_email": "lead@lead.example"}
    store_raw(acme_connection.pk, orjson.dumps(body))
    process_pending()
    assert [(row[1], sum(row[6:])) for row in stored()] == [(None, 1)]
    assert differences() == []


def test_one_organizations_figures_are_set_right_and_no_others(worked, globex, globex_connection):
    deliver(factories.campaign(globex_connection))
    process_pending()
    with rls.scope(rls.SYSTEM):
        DailyStats.objects.update(sent=100)
    assert "1 rows of figures differed" in run("--organization", "acme")
    assert [difference.organization_id for difference in differences()] == [globex.pk]
    with pytest.raises(CommandError, match="There is no organization 'nobody'. There are: acme, globex"):
        run("--organization", "nobody")


def test_days_are_utc_days_whatever_the_sessions_time_zone(worked):
    deliver(worked, day="2026-07-11")
    with rls.scope(rls.SYSTEM):
        Message.objects.update(opened_at="2026-07-10T23:59:59Z", clicked_at="2026-07-11T00:00:00Z")
        rebuild()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL TIME ZONE 'Pacific/Auckland'")
        assert differences() == []


def test_a_batch_that_has_written_its_rows_and_not_its_figures_is_counted_once(worked, monkeypatch):
    """The batch waits for the rebuild, and then adds its counts, which the rebuild did not include."""
    deliver(worked, day="2026-07-12")
    rows_written, go_on = Signal(), Signal()
    real = event_writer._write

    def write(statement, rows):
        if statement == "stats":
            rows_written.set()
            assert go_on.wait(30)
        return real(statement, rows)

    monkeypatch.setattr(event_writer, "_write", write)
    with rls.scope(rls.SYSTEM):
        DailyStats.objects.update(sent=100)

    worker = Thread(target=_process)
    worker.start()
    try:
        assert rows_written.wait(30)
        assert len(rebuild()) == 1
    finally:
        go_on.set()
        worker.join(30)
    assert differences() == []
    assert stored() == recounted() and len(stored()) == 2


def test_a_rebuild_waits_for_a_batch_that_has_written_its_stats(worked, monkeypatch):
    deliver(worked, day="2026-07-12")
    figures_written, go_on = Signal(), Signal()
    real = event_writer._write

    def write(statement, rows):
        result = real(statement, rows)
        if statement == "stats":
            figures_written.set()
            assert go_on.wait(30)
        return result

    monkeypatch.setattr(event_writer, "_write", write)
    worker = Thread(target=_process)
    worker.start()
    rebuilding = Thread(target=_rebuild)
    try:
        assert figures_written.wait(30)
        assert differences() == [], "nothing of an unfinished batch is seen"
        rebuilding.start()
        until_somebody_waits_for_a_lock()
    finally:
        go_on.set()
        worker.join(30)
    rebuilding.join(30)
    assert stored() == recounted() and len(stored()) == 2


def test_a_campaign_being_moved_is_waited_for_before_the_rollups_are_held(worked):
    """The transfer locks the campaign, then the daily stats: a rebuild that locked them in reverse would deadlock."""
    rebuilding = Thread(target=_rebuild)
    with transaction.atomic(using="owner"), connections["owner"].cursor() as mover:
        mover.execute("SELECT id FROM campaigns_campaign WHERE id = %s FOR UPDATE", [worked.pk])
        rebuilding.start()
        until_somebody_waits_for_a_lock()
        mover.execute("SET LOCAL lock_timeout = '5s'")
        mover.execute("UPDATE messaging_dailystats SET sent = sent + 1 WHERE campaign_id = %s", [worked.pk])
    rebuilding.join(30)
    assert differences() == []


def test_a_rebuild_a_moving_campaign_and_workers_do_not_wait_in_a_circle(shared_connection, acme, globex, house):
    campaigns = [factories.campaign(shared_connection, f"C{n}") for n in range(2)]
    for day in range(10, 18):
        for campaign in campaigns:
            deliver(campaign, day=f"2026-07-{day}")
    failures: list[Exception] = []

    def until_done(step):
        def go():
            try:
                step()
            except Exception as error:
                failures.append(error)
            finally:
                connection.close()

        return Thread(target=go)

    def work():
        while process_pending(20):
            pass

    def move():
        for n in range(12):
            move_campaign(campaigns[n % 2].pk, (acme, globex, house)[n % 3].pk, now=timezone.now())

    def recount():
        for _ in range(12):
            rebuild()
            assert differences() == []

    threads = [until_done(step) for step in (work, work, move, recount)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert failures == []
    while process_pending():
        pass
    assert stored() == recounted()
    assert (
        sum(row[6 + ROLLUP_COUNTERS.index("sent")] for row in stored()) == len(campaigns) * 3
    )  # a mail a lead and campaign


def _process() -> None:
    try:
        process_pending()
    finally:
        connection.close()


def _rebuild() -> None:
    try:
        rebuild()
    finally:
        connection.close()
