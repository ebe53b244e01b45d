"""Generated history of the demo: sending limits, working hours, dates of promised replies."""

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from instantly.emulator import FakeInstantly, Habits, ManualClock, demo_cast
from instantly.emulator.entry_points import history, snapshot
from instantly.emulator.entry_points.workspace_file import WorkspaceFile
from instantly.emulator.life import pitches, replies
from instantly.emulator.state.clock import DAY_MS
from messaging.comparison import Sample, Verdict, compare

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
FILE = WorkspaceFile(tuple({"name": name, "key": f"key of {name}"} for name in demo_cast.CASTS))


WRITTEN: Counter[tuple[str, str]] = Counter()
"""Replies of the history by language and kind."""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, list[dict[str, Any]]]:
    """Generate the whole history once; return its state and lines."""
    file = tmp_path_factory.mktemp("demo") / "history.ndjson"
    write = replies.write

    def counted(rng: Any, kind: str, *, language: str, **details: Any) -> replies.ReplyContent:
        WRITTEN[language, kind] += 1
        return write(rng, kind, language=language, **details)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(replies, "write", counted)
        content = history.make(FILE, seed=0, now=NOW, history=file)
    return content, [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def payloads(lines: list[dict[str, Any]], event_type: str) -> list[dict[str, Any]]:
    return [line["payload"] for line in lines if "payload" in line and line["payload"]["event_type"] == event_type]


def test_there_are_about_forty_thousand_events_in_ninety_days(made: Any) -> None:
    lines = made[1]
    days = {line["payload"]["timestamp"][:10] for line in lines if "payload" in line}
    assert 34_000 < len(lines) < 48_000
    assert 89 <= len(days) <= 91


def test_no_account_sends_beyond_its_limit(made: Any) -> None:
    sent = Counter((mail["email_account"], mail["timestamp"][:10]) for mail in payloads(made[1], "email_sent"))
    assert 30 < max(sent.values()) <= demo_cast.LIMIT


def test_no_campaign_has_an_event_before_it_was_made(made: Any) -> None:
    fake = restored(made[0])
    created = {row["id"]: row["timestamp_created"] for space in fake.workspaces.values() for row in space.campaigns}
    told = [line["payload"] for line in made[1] if "payload" in line]
    assert not [body for body in told if body["campaign_id"] and body["timestamp"] < created[body["campaign_id"]]]


def test_statuses_are_those_of_the_cast(made: Any) -> None:
    fake = restored(made[0])
    for name, cast in demo_cast.CASTS.items():
        space = fake.workspace(name)
        found = {row["name"]: row["status"] for row in space.campaigns}
        assert found == {campaign.title: campaign.ends_as if campaign.ends else 1 for campaign in cast.campaigns}
        assert {row["email"]: row["status"] for row in space.accounts} == {
            account.email: account.status for account in cast.accounts
        }


def test_weekends_are_quiet(made: Any) -> None:
    by_weekday = Counter(
        datetime.fromisoformat(mail["timestamp"]).weekday() for mail in payloads(made[1], "email_sent")
    )
    assert max(by_weekday[5], by_weekday[6]) < min(by_weekday[day] for day in range(5)) / 3


def test_one_account_is_burnt_and_no_other(made: Any) -> None:
    sent = Counter(mail["email_account"] for mail in payloads(made[1], "email_sent"))
    bounced = Counter(mail["email_account"] for mail in payloads(made[1], "email_bounced"))
    rates = {account: bounced[account] / count for account, count in sent.items()}
    assert [account for account, rate in rates.items() if rate > 0.05] == ["jonas.vogt@get-acme.example"]


@pytest.mark.parametrize("language", ["en", "de"])
def test_there_are_replies_of_every_kind(made: Any, language: str) -> None:
    kinds = {*replies.KINDS, *replies.AUTOMATIC}
    assert {kind for kind in kinds if not WRITTEN[language, kind]} == set()


@pytest.mark.parametrize(
    ("pitch", "verdict"), [(0, Verdict.DECIDED), (2, Verdict.OPEN)], ids=["clearly better", "almost equal"]
)
def test_one_test_of_variants_is_decided_and_one_is_open(made: Any, pitch: int, verdict: Verdict) -> None:
    title = pitches.PITCHES[pitch].name
    sent = Counter(mail["variant"] for mail in payloads(made[1], "email_sent") if of_first_step(mail, title))
    answered = {
        (mail["variant"], mail["lead_email"])
        for mail in payloads(made[1], "reply_received")
        if of_first_step(mail, title)
    }
    hits = Counter(variant for variant, _ in answered)
    found = compare([Sample(variant, count, hits[variant]) for variant, count in sent.items()])
    assert found.verdict is verdict, found


def of_first_step(mail: dict[str, Any], title: str) -> bool:
    return mail["campaign_name"] == title and mail["step"] == 1


def test_people_who_promise_to_come_back_do(made: Any) -> None:
    fake = restored(made[0])
    wrote = Counter(
        line["payload"]["lead_email"]
        for line in made[1]
        if line.get("payload", {}).get("event_type") == "reply_received"
    )
    waiting = [entry for entry in fake.agenda if entry.action == "reply" and "kind" in entry.details]
    assert sum(1 for count in wrote.values() if count > 1) > 10
    assert waiting, "somebody's day is still to come"


def test_our_people_answer_until_the_history_ends(made: Any) -> None:
    mails = [line["mail"] for line in made[1] if "mail" in line]
    assert len(mails) > 100
    assert not [entry for entry in restored(made[0]).agenda if entry.action == "answer_reply"]


def test_only_replies_of_the_last_days_are_left_to_answer(made: Any) -> None:
    """A demo whose oldest open reply is three months old would look abandoned."""
    answered = {line["mail"]["lead"] for line in made[1] if "mail" in line}
    interested = {
        line["payload"]["lead_email"]: datetime.fromisoformat(line["payload"]["timestamp"])
        for line in made[1]
        if line.get("payload", {}).get("event_type") == "lead_interested"
    }
    left = {lead: at for lead, at in interested.items() if lead not in answered}
    assert left and min(left.values()) > NOW - timedelta(days=history.LATELY + 5)
    assert len(left) < len(interested) / 4


def test_a_running_emulator_goes_on_within_the_limits(made: Any) -> None:
    fake = restored(made[0])
    before = fake.count_events()
    fake.set_rate(history.LIVE_RATE)
    fake.advance(3 * 24 * 3600)
    assert fake.count_events() - before > 1000
    for space in fake.workspaces.values():
        for account in space.accounts:
            for day in range(4):
                moment = round(NOW.timestamp() * 1000) + day * DAY_MS
                assert space.journal.sent_on_day_of(moment, account["email"]) <= demo_cast.LIMIT


def test_an_event_comes_about_every_twenty_seconds(made: Any) -> None:
    fake = restored(made[0])
    before = fake.count_events()
    fake.set_rate(history.LIVE_RATE)
    fake.advance(3600)
    assert 90 < fake.count_events() - before < 360


def test_an_aborted_generation_leaves_no_history_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: object, **options: object) -> None:
        raise RuntimeError("ends here")

    monkeypatch.setattr(history.demo_cast, "change_of_day", fail)
    with pytest.raises(RuntimeError):
        history.make(FILE, seed=0, now=NOW, history=tmp_path / "history.ndjson", days=1)
    assert list(tmp_path.iterdir()) == []


def test_the_rate_is_lower_at_night_and_on_sundays() -> None:
    wednesday = datetime(2026, 6, 3, 9, tzinfo=UTC)
    busy = history.rate_at(wednesday, days_left=20)
    assert history.rate_at(wednesday + timedelta(hours=16), days_left=20) < busy / 5
    assert history.rate_at(wednesday + timedelta(days=4), days_left=20) < busy / 5


def restored(content: bytes) -> FakeInstantly:
    fake = FakeInstantly(0, ManualClock(NOW), assumptions=history.live_assumptions(), habits=Habits.real_time())
    snapshot.load(fake, content)
    return fake
