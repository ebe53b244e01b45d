"""Reply lab and comparison with people: replays equal the worker, thresholds hold live, roles, pages."""

from datetime import timedelta

import pytest

from accounts.choices import MembershipRole
from accounts.permissions import RoleTooLow
from messaging import tasks
from messaging.intelligence.triage import corrections, judged, organizations, pending, replay
from messaging.intelligence.triage.classes import Category
from messaging.intelligence.triage.language import language_of
from messaging.intelligence.triage.replay import InvalidThreshold, ReplayRuns
from messaging.models import Contact, MessageCategory, TriagePending, TriageReplay
from salesbrain import rls
from tests import factories
from tests.factories import NOON
from tests.messaging.intelligence.test_pending import reply
from tests.salesbrain.web.pages import client_of

pytestmark = pytest.mark.django_db
TEXTS = (
    "Bitte nehmen Sie mich aus Ihrem Verteiler.", "Thursday 3 pm works, send me an invite.", "What does it cost per seat?",
    "Hm, vielleicht, mal sehen.", "Klingt interessant, schicken Sie mir gerne mehr dazu.", "ok", "Wir haben da schon was.",
    "I am the wrong one for this, ask our purchasing.", "Not before autumn please.",
)  # fmt: skip
NOW = NOON + timedelta(days=1)


@pytest.fixture
def campaign(shared_connection, acme):
    return factories.campaign(shared_connection, organization=acme)


@pytest.fixture
def messages(campaign):
    made = [reply(campaign, text, f"p{number}@lead.example") for number, text in enumerate(TEXTS)]
    while pending.triage_pending():
        pass
    return made


def categories() -> dict:
    with rls.scope(rls.SYSTEM):
        return dict(MessageCategory.objects.values_list("pk", "category"))


def owner(organization) -> rls.Scope:
    return rls.customer(organization.pk, MembershipRole.OWNER)


def test_a_replay_at_the_live_threshold_changes_nothing(acme, messages):
    live = organizations.engine_of(acme.pk).threshold
    before = categories()
    count, result = replay.replay(acme.pk, threshold=live, now=NOW)
    assert (count, result["changes"], result["same"]) == (len(TEXTS), [], len(TEXTS))
    assert categories() == before


def test_a_replay_says_what_the_worker_writes_once_the_threshold_is_live(acme, customer, messages):
    before = categories()
    _, result = replay.replay(acme.pk, threshold=0.99, now=NOW)
    assert result["changes"], "more is left to people"
    assert replay.set_threshold(owner(acme), by=customer, threshold=0.99, now=NOW)
    assert not replay.set_threshold(owner(acme), by=customer, threshold=0.99, now=NOW)
    while pending.triage_pending():
        pass
    after = categories()
    told = {(old, new): number for old, new, number, _ in result["changes"]}
    moved: dict = {}
    for pk, old in before.items():
        if old != after[pk]:
            moved[old, after[pk]] = moved.get((old, after[pk]), 0) + 1
    assert moved == told


def test_corrections_stay_valid_and_judge_the_replay(acme, customer, messages):
    corrections.correct(messages[1], Category.MEETING, now=NOW, actor=customer)
    _, result = replay.replay(acme.pk, threshold=0.05, now=NOW)
    assert result["judged"] == {"total": 1, "answered": 1, "right": 1}
    assert sum(row[2] for row in result["changes"]) + result["same"] == len(TEXTS) - 1


def test_the_job_stores_the_result_once(acme, customer, messages):
    id = replay.ask_for_replay(owner(acme), by=customer, threshold=0.9, now=NOW)
    replay.run(id, now=NOW)
    replay.run(id, now=NOW)
    with rls.scope(rls.SYSTEM):
        row = TriageReplay.objects.get()
    assert (row.state, row.replies) == ("done", len(TEXTS)) and row.finished_at == NOW


def test_a_failed_replay_is_marked_as_failed(acme, customer, messages, monkeypatch):
    id = replay.ask_for_replay(owner(acme), by=customer, threshold=0.9, now=NOW)
    monkeypatch.setattr(replay, "replay", lambda *args, **kwargs: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        replay.run(id, now=NOW)
    with rls.scope(rls.SYSTEM):
        assert TriageReplay.objects.get().state == "failed"


def test_one_replay_at_a_time_with_a_fitting_threshold_by_an_owner(acme, customer):
    for wrong in (0.0, 1.0, 7.5):
        with pytest.raises(InvalidThreshold):
            replay.ask_for_replay(owner(acme), by=customer, threshold=wrong, now=NOW)
    with pytest.raises(RoleTooLow):
        replay.set_threshold(rls.customer(acme.pk, MembershipRole.MEMBER), by=customer, threshold=0.5, now=NOW)
    replay.ask_for_replay(owner(acme), by=customer, threshold=0.5, now=NOW)
    with pytest.raises(ReplayRuns):
        replay.ask_for_replay(owner(acme), by=customer, threshold=0.6, now=NOW)


def test_a_threshold_is_its_organizations_alone(acme, globex, customer):
    before = organizations.engine_of(globex.pk).threshold
    replay.set_threshold(owner(acme), by=customer, threshold=0.5, now=NOW)
    assert organizations.engine_of(acme.pk).threshold == 0.5
    assert organizations.engine_of(globex.pk).threshold == before
    replay.set_threshold(owner(acme), by=customer, threshold=None, now=NOW)
    assert organizations.engine_of(acme.pk).threshold == before


def test_accuracy_is_counted_against_peoples_decisions(acme, customer, messages):
    corrections.correct(messages[0], Category.UNSUBSCRIBE, now=NOW, actor=customer)
    corrections.correct(messages[1], Category.QUESTION, now=NOW + timedelta(days=7), actor=customer)
    with rls.scope(rls.SYSTEM):
        Contact.objects.filter(pk=messages[1].contact_id).update(interest="lead_meeting_booked", interest_at=NOW)
    with rls.scope(rls.customer(acme.pk)):
        rows = judged.judged(acme.pk)
        german = judged.judged(acme.pk, language="de")
    assert judged.share(rows) == judged.Share(1, 2) and judged.provider_share(rows) == judged.Share(0, 1)
    assert judged.confusion_matrix(rows)[Category.QUESTION, Category.MEETING] == 1
    assert [row.message_id for row in german] == [messages[0].pk]
    assert [week.ours for week in judged.weeks(rows)] == [judged.Share(0, 1), judged.Share(1, 1)]


def test_the_page_shows_table_cell_and_lab_and_runs_a_replay(acme, customer, messages, monkeypatch):
    corrections.correct(messages[1], Category.QUESTION, now=NOW, actor=customer)
    client = client_of(customer)
    html = client.get("/settings/triage?said=question&predicted=meeting").content.decode()
    assert "Of 1 replies that people judged" in html and "People: Question. Triage: Meeting." in html
    assert f"/contacts/{messages[1].contact_id}#m-{messages[1].pk}" in html
    asked: list = []
    monkeypatch.setattr(tasks.replay_triage, "defer", lambda **given: asked.append(given))
    form = {"organization": str(acme.pk), "threshold": "0.9", "action": "replay"}
    assert client.post("/settings/triage", form).status_code == 302
    replay.run(asked[0]["replay_id"], now=NOW)
    assert f"{len(TEXTS)} replies replayed" in client.get("/settings/triage").content.decode()
    client.post("/settings/triage", {**form, "action": "enable"})
    with rls.scope(rls.SYSTEM):
        assert TriagePending.objects.count() == len(TEXTS)
    assert client.post("/settings/triage", {**form, "threshold": "7"}).status_code == 400
    member = client_of(factories.customer("m@acme.example", acme, role=MembershipRole.MEMBER))
    assert member.post("/settings/triage", form).status_code == 403


def test_an_empty_page_says_how_it_fills(customer):
    assert "Nobody has judged a reply yet" in client_of(customer).get("/settings/triage").content.decode()


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Danke, aber wir haben kein Interesse.", "de"),
        ("Thanks, but we are not interested.", "en"),
        ("ok", ""),
        (None, ""),
    ],
)
def test_languages_of_short_replies(text, language):
    assert language_of(text) == language
