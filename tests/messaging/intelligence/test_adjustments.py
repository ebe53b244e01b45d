"""Changed triage rules of an organization: rules off, own phrases, replay, owners only."""

from datetime import timedelta

import pytest

from accounts.choices import MembershipRole
from instantly.erasure import erase_contact
from messaging import tasks
from messaging.intelligence.triage import adjustments, corrections, organizations, pending, replay
from messaging.intelligence.triage.adjustments import Adjustments, InvalidRules
from messaging.intelligence.triage.classes import FROM_A_MACHINE, Category
from messaging.intelligence.triage.engine import Engine, Reply, Source
from messaging.models import MessageCategory, TriageReplay
from salesbrain import rls
from tests import factories
from tests.factories import NOON
from tests.messaging.intelligence.test_pending import REMOVE, reply
from tests.salesbrain.web.pages import client_of

NOW = NOON + timedelta(days=1)
PHRASE = ("Keine Kapazität", Category.NOT_NOW)
FULL = "Guten Tag,\n\nwir haben derzeit leider keine  Kapazität!"
API = "/api/instantly/triage"


def owner(organization) -> rls.Scope:
    return rls.customer(organization.pk, MembershipRole.OWNER)


def only(text: str, adjusted: Adjustments = adjustments.NONE, possible=None):
    (opinion,) = Engine(with_embeddings=False, adjusted=adjusted).classify([Reply("Re: x", text, possible)])
    return opinion


def test_a_rule_that_is_off_neither_decides_nor_counts():
    before = only(REMOVE)
    assert before.source is Source.RULE
    after = only(REMOVE, Adjustments(frozenset({before.rule})))
    assert after.rule != before.rule and after.p < before.p


def test_a_phrase_of_ones_own_decides_whatever_case_and_punctuation():
    found = only(FULL, Adjustments(phrases=(PHRASE,)))
    assert (found.category, found.abstains, found.source) == (Category.NOT_NOW, False, Source.RULE)
    assert found.rule == "own.Keine Kapazität" and "Kapazität" in str(found.reason["quote"])
    assert only("Keine Kapazitätsplanung bisher.", Adjustments(phrases=(PHRASE,))).rule != found.rule


def test_a_fact_beats_a_phrase():
    found = only(FULL, Adjustments(phrases=(PHRASE,)), FROM_A_MACHINE)
    assert found.category in FROM_A_MACHINE


@pytest.mark.parametrize(
    ("off", "phrases"),
    [
        (["no.such"], []), ([], [("ab", "meeting")]), ([], [("x" * 101, "meeting")]), ([], [("...!", "meeting")]), ([], [("come by", "nonsense")]),
        ([], [("come by", "meeting"), ("Come by!", "question")]), ([], [(f"word {n}", "meeting") for n in range(51)]),
    ],
    ids=["unknown rule", "too short", "too long", "no word", "unknown category", "twice", "too many"],
)  # fmt: skip
def test_an_invalid_rule_is_refused(off, phrases):
    with pytest.raises(InvalidRules):
        adjustments.checked(off, phrases)


def test_adjustments_survive_being_stored_and_rules_that_are_gone_are_left_out():
    made = adjustments.checked([only(REMOVE).rule], [("come  by", "meeting")])
    assert adjustments.stored(made.as_json()) == made and made.phrases == (("come by", Category.MEETING),)
    assert adjustments.stored({"off": ["gone.rule"], "phrases": []}).is_empty
    assert adjustments.NONE.as_json() is None and adjustments.stored(None) == adjustments.NONE


@pytest.fixture
def campaign(shared_connection, acme):
    return factories.campaign(shared_connection, organization=acme)


@pytest.fixture
def messages(campaign):
    texts = (FULL, REMOVE, "What does it cost?")
    made = [reply(campaign, text, f"p{number}@lead.example") for number, text in enumerate(texts)]
    while pending.triage_pending():
        pass
    return made


def stored_category(message) -> MessageCategory:
    with rls.scope(rls.SYSTEM):
        return MessageCategory.objects.get(pk=message.pk)


@pytest.mark.django_db
def test_a_replay_with_changed_rules_says_what_holds_once_they_are_live(acme, globex, customer, messages):
    live = organizations.engine_of(acme.pk).threshold
    before = {message.pk: stored_category(message).category for message in messages}
    phrases = [("keine Kapazität", "objection")]
    adjusted = adjustments.checked([], phrases)
    _, result = replay.replay(acme.pk, threshold=live, now=NOW, adjusted=adjusted)
    ((old, new, count, ids),) = result["changes"]
    assert (old, new, count, ids) == (before[messages[0].pk], "objection", 1, [str(messages[0].pk)])
    assert replay.set_threshold(owner(acme), by=customer, threshold=None, phrases=phrases, now=NOW)
    assert not replay.set_threshold(owner(acme), by=customer, threshold=None, phrases=phrases, now=NOW)
    while pending.triage_pending():
        pass
    assert stored_category(messages[0]).rule == "own.keine Kapazität"
    assert stored_category(messages[2]).category == before[messages[2].pk]
    assert organizations.engine_of(globex.pk).adjusted.is_empty
    replay.set_threshold(owner(acme), by=customer, threshold=None, now=NOW)
    assert organizations.engine_of(acme.pk).adjusted.is_empty


@pytest.mark.django_db
def test_an_erasure_takes_a_replay_that_names_the_persons_reply(acme, customer, messages):
    id = replay.ask_for_replay(
        owner(acme), by=customer, threshold=0.6, phrases=[("keine Kapazität", "objection")], now=NOW
    )
    replay.run(id, now=NOW)
    erase_contact(organization=acme, email="p1@lead.example", now=NOW, actor_name="test")
    with rls.scope(rls.SYSTEM):
        assert str(messages[0].pk) in str(TriageReplay.objects.get().result)
    erase_contact(organization=acme, email="p0@lead.example", now=NOW, actor_name="test")
    with rls.scope(rls.SYSTEM):
        assert not TriageReplay.objects.exists()


@pytest.mark.django_db
def test_the_page_offers_the_rules_that_decided_and_replays_a_change(acme, customer, messages, monkeypatch):
    rule = stored_category(messages[1]).rule
    corrections.correct(messages[1], Category.COMPLAINT, now=NOW, actor=customer)
    client = client_of(customer)
    html = client.get("/settings/triage").content.decode()
    assert f'value="{rule}"' in html and "Phrases of your own" in html
    asked: list = []
    monkeypatch.setattr(tasks.replay_triage, "defer", lambda **given: asked.append(given))
    form = {
        "organization": str(acme.pk), "threshold": "0.6", "off": [rule], "phrase": ["keine Kapazität", ""], "category": ["objection", "meeting"],
    }  # fmt: skip
    assert client.post("/settings/triage", {**form, "action": "replay"}).status_code == 302
    replay.run(asked[0]["replay_id"], now=NOW)
    html = client.get("/settings/triage").content.decode()
    assert "keine Kapazität" in html and f"/contacts/{messages[0].contact_id}#m-{messages[0].pk}" in html
    assert "Hidden from the lanes to answer" in html
    client.post("/settings/triage", {**form, "action": "enable"})
    assert organizations.engine_of(acme.pk).adjusted.off == {rule}
    html = client.get("/settings/triage").content.decode()
    assert f'value="{rule}" aria-label="{rule}" checked' in html
    client.post("/settings/triage", {**form, "phrase": ["a", ""], "action": "enable"}, follow=True)
    assert organizations.engine_of(acme.pk).adjusted.phrases[0][0] == "keine Kapazität", (
        "an unfit phrase changes nothing"
    )
    client.post("/settings/triage", {"organization": str(acme.pk), "action": "shipped"})
    assert organizations.engine_of(acme.pk).adjusted.is_empty


@pytest.mark.django_db
def test_the_api_shows_who_was_right_and_replays_and_sets_rules(acme, customer, api, messages, monkeypatch):
    corrections.correct(messages[1], Category.COMPLAINT, now=NOW, actor=customer)
    monkeypatch.setattr(tasks.replay_triage, "defer", lambda **given: None)
    client = api(customer)
    data = client.get(API).json()["data"]
    assert (data["triage"], data["provider"]) == ({"right": 0, "total": 1}, {"right": 0, "total": 0})
    assert data["confusion"] == [{"said": "complaint", "predicted": "unsubscribe", "count": 1}]
    interests = {each["category"]: each["interests"] for each in data["categories"]}
    assert interests["meeting"] == ["lead_interested", "lead_meeting_booked"] and interests["auto_reply"] == []
    assert client.get(API, {"language": "en"}).json()["data"]["triage"]["total"] == 0
    body = {"threshold": 0.7, "phrases": [{"words": "keine Kapazität", "category": "objection"}]}
    made = client.post(f"{API}/replays", body, format="json").json()["data"]["replays"]
    assert (made[0]["state"], made[0]["phrases"]) == ("queued", body["phrases"])
    assert client.post(f"{API}/replays", body, format="json").status_code == 409
    with rls.scope(rls.SYSTEM):
        replay.run(TriageReplay.objects.get().pk, now=NOW)
    (done,) = client.get(f"{API}/replays").json()["data"]["replays"]
    assert (done["state"], done["replies"]) == ("done", 3)
    assert client.put(API, body, format="json").json()["data"]["threshold"] == 0.7
    assert client.put(API, {"threshold": None}, format="json").json()["data"]["phrases"] == []
    for wrong in ({"threshold": "0.7"}, {"threshold": 7}, {"threshold": 0.7, "off": ["no.such"]}):
        assert client.put(API, wrong, format="json").status_code == 400, wrong
    member = factories.customer("m@acme.example", acme, role=MembershipRole.MEMBER)
    assert api(member).put(API, body, format="json").status_code == 403
    assert api(member).get(API).status_code == 200
