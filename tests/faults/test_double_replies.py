"""Two replies at once in one conversation under kill -9: one is sent, the second always refused."""

from collections import Counter

import pytest

from instantly.emulator import Habits
from instantly.emulator.state.clock import SystemClock
from tests.faults.double_replies import Replies, killed_again_and_again, text_of
from tests.faults.installation import Installation, until
from tests.faults.plan import PLAN, QUICK
from tests.faults.provider import Provider

SILENT = Habits(answer_manual=0.0, reply_again=0.0)
LIVES = (4.0, 6.0, 1.0) if QUICK else (9.0, 13.0, 4.0)
"""Seconds after which each of the two processes for replies (start included) and the web server are killed."""

KNOWN = "SELECT id::text, version FROM messaging_conversation ORDER BY id"
STATES = "SELECT state, count(*) FROM messaging_outboxmessage GROUP BY 1 ORDER BY 1"
OPEN = "SELECT count(*) FROM messaging_outboxmessage WHERE state IN ('queued', 'sending') OR (state = 'unknown' AND lookups < 6)"
EARLIER = """UPDATE messaging_outboxmessage SET sending_at = sending_at - interval '3 minutes', updated_at = now() - interval '3 minutes',
    send_at = CASE WHEN state = 'queued' THEN now() - interval '2 minutes' ELSE send_at END
    WHERE state IN ('queued', 'sending', 'unknown')"""
TO_DO = "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'instantly.tasks.send_reply' AND status = 'todo'"
SETTLE = """INSERT INTO procrastinate_jobs (queue_name, task_name, args)
    VALUES ('replies', 'instantly.tasks.settle_replies', '{"timestamp": 0}')"""
SENT = "SELECT email_id, text FROM messaging_outboxmessage WHERE state = 'sent'"
MESSAGES = "SELECT email_id, count(*) FROM messaging_message WHERE kind = 'manual' AND direction = 'out' GROUP BY 1"


@pytest.mark.timeout(2400)
def test_two_who_reply_at_once_under_kills_are_one_mail_and_one_refusal(installation: Installation):
    kills: Counter[str] = Counter()
    with Provider(installation, seed=7, clock=SystemClock(), habits=SILENT) as provider:
        web = installation.start_web()
        installation.start_worker()
        for _ in range(PLAN.double_replies):
            sent = provider.fake.trigger(provider.id, "email_sent")
            provider.fake.trigger(provider.id, "reply_received", campaign=sent.campaign_id, lead=sent.lead_email)
        until(lambda: len(installation.ask(KNOWN)) == PLAN.double_replies, "everybody's reply is known", patience=300)
        conversations = installation.ask(KNOWN)
        installation.running.remove(web)
        _end(web)

        replies = Replies(installation)
        jobs = [*installation.manage, "run_jobs", "--queue", "replies"]
        # Slow to answer, and after it was carried out: most kills hit a reply between the request and its note.
        provider.fake.faults.add("hang", method="POST", path="/api/v2/emails/reply", seconds=0.3, times=10**9)
        with (
            killed_again_and_again(lambda: installation._start("replies", jobs), LIVES[0], kills, "replies"),
            killed_again_and_again(lambda: installation._start("replies", jobs), LIVES[1], kills, "replies"),
        ):
            with killed_again_and_again(installation.start_web, LIVES[2], kills, "web"):
                replies.send(conversations)
            until(lambda: installation.ask(TO_DO) == [(0,)], "every job was begun", patience=1200)
        left = Counter(dict(installation.ask(STATES)))
        provider.fake.faults.clear()
        _settle(installation, jobs)
        states = Counter(dict(installation.ask(STATES)))

        with provider.fake.lock:
            space = provider.fake.workspaces[provider.id]
            mails = [row for row in space.emails.walk(newest_first=False) if row["ue_type"] == 3]
        texts = Counter(row["body"]["text"] for row in mails)
        twice = {text: times for text, times in texts.items() if times > 1}
        people = Counter(row["lead"] for row in mails)
        installation.facts["replies"] = (
            f"{2 * PLAN.double_replies} replies to {PLAN.double_replies} people, {sum(kills.values())} kills ({dict(kills)}), "
            f"{replies.unanswered} requests without an answer: {len(mails)} mails, {len(twice)} sent twice, "
            f"{left['sending'] + left['unknown']} left in the middle, "
            f"{sum(replies.refused.values())} caught ({dict(replies.refused)}), {states['unknown']} for a person to decide"
        )
        assert not twice and max(people.values()) == 1, "nobody gets two"
        assert all(len(set(ids)) == 1 for ids in replies.accepted.values())
        assert len(replies.accepted) == sum(replies.refused.values()) == PLAN.double_replies, (
            "one each, and all others caught"
        )
        assert set(states) <= {"sent", "unknown"} and states.total() == PLAN.double_replies
        assert {row["id"]: row["body"]["text"] for row in mails} == dict(installation.ask(SENT)), (
            "what is known is true"
        )
        assert states["sent"] == len(mails), "of unknown outcome is only what was not sent"
        until(lambda: installation.ask("SELECT count(*) FROM instantly_pending") == [(0,)], "everything is recorded")
        assert dict(installation.ask(MESSAGES)) == dict.fromkeys((row["id"] for row in mails), 1)
        assert {text_of(number) for number in range(2 * PLAN.double_replies)} >= set(texts)


def _end(process) -> None:
    process.terminate()
    process.wait(60)


def _settle(installation: Installation, jobs: list) -> None:
    """Run the jobs of a quarter of an hour: replies of killed processes are looked up until they are found or left to a person."""
    for _ in range(12):
        once = installation._start("replies", [*jobs, "--once"])
        assert once.wait(900) == 0
        if installation.ask(OPEN) == [(0,)]:
            return
        with installation.superuser() as connection:
            connection.execute("DELETE FROM procrastinate_jobs WHERE status = 'doing'")
            connection.execute(EARLIER)
            connection.execute(SETTLE)
    raise AssertionError(f"replies are left: {installation.ask(STATES)}")
