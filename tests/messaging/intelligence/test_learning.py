"""Learning of reply categories per organization: from its own corrections, discarded if worse."""

from datetime import timedelta
from random import Random
from uuid import UUID, uuid4

import pytest

from messaging.choices import Direction
from messaging.intelligence.triage import corrections, differences, learning, neighbours, organizations, weights
from messaging.intelligence.triage.classes import Category
from messaging.intelligence.triage.engine import Engine, Reply
from messaging.intelligence.triage.learning import TaughtReply
from messaging.models import CategoryCorrection, Message, TriageLearning
from salesbrain import rls
from tests import factories
from tests.factories import NOON

WHO = (
    "Danke für Ihre Mail",
    "Guten Tag",
    "Hallo",
    "Servus",
    "Vielen Dank für die Info",
    "Grüß Gott",
    "Moin",
    "Kurze Rückmeldung",
)
OURS = {
    # What these people mean in this organization, whatever it means elsewhere.
    Category.OBJECTION: ("das läuft bei uns alles über den Konzerneinkauf", "der Konzerneinkauf gibt uns das vor", "ohne Konzerneinkauf geht da nichts"),
    Category.NOT_NOW: ("wir stecken mitten im Harmonie-Projekt", "bis Harmonie live ist, liegt alles auf Eis", "Harmonie bindet uns gerade komplett"),
    Category.WRONG_PERSON: ("das macht bei uns die Leitstelle", "Themen dieser Art gehören zur Leitstelle", "hierfür ist die Leitstelle da"),
    Category.INTERESTED: ("das nehmen wir in den Sondierungskreis", "das ist was für den Sondierungskreis", "Sondierungskreis hat angebissen"),
}  # fmt: skip


def replies(count: int, seed: int) -> list[TaughtReply]:
    random = Random(seed)
    found = []
    for _ in range(count):
        category = random.choice(sorted(OURS))
        text = (
            f"{random.choice(WHO)}, {random.choice(OURS[category])}. {random.choice(('', 'Beste Grüße', 'MfG', 'LG'))}"
        )
        found.append(TaughtReply(UUID(int=random.getrandbits(128)), Reply("Re: Angebot", text), category, True))
    return found


def errors(engine: Engine, taught: list[TaughtReply]) -> int:
    said = engine.classify([each.reply for each in taught])
    return sum(opinion.category is not each.category for opinion, each in zip(said, taught, strict=True))


def test_fifty_corrections_take_away_a_third_of_an_organizations_errors():
    shipped = weights.shipped()
    outcome = learning.judge(shipped, replies(50, seed=1), with_embeddings=False)
    assert outcome.adopted is not None and outcome.errors_after < outcome.errors_before
    later = replies(200, seed=2)
    before = errors(Engine(shipped, with_embeddings=False), later)
    after = errors(Engine(outcome.adopted.applied_to(shipped, "v"), with_embeddings=False), later)
    assert before > 50 and after <= 0.7 * before


def test_learned_weights_survive_storage():
    learned = learning.judge(weights.shipped(), replies(300, seed=3), with_embeddings=False).adopted
    assert learned is not None
    data = learned.packed()
    assert len(data) <= differences.LARGEST
    again = differences.unpack(data)
    assert all((getattr(again, name) == getattr(learned, name)).all() for name in differences.ARRAYS)


def test_corrections_that_contradict_each_other_are_discarded():
    """The same words, corrected to different categories, give a model with as many errors as before, so it is not adopted."""
    random = Random(4)
    fickle = [
        TaughtReply(each.id, Reply("Re: x", "Bitte nehmen Sie mich aus dem Verteiler, danke."), random.choice([Category.UNSUBSCRIBE] * 3 + [Category.QUESTION]), True)
        for each in replies(40, seed=5)
    ]  # fmt: skip
    outcome = learning.judge(weights.shipped(), fickle, with_embeddings=False)
    assert outcome.held_back > 0 and outcome.errors_after >= outcome.errors_before and outcome.adopted is None


def test_a_few_corrections_change_nothing():
    assert (
        learning.judge(weights.shipped(), replies(learning.FEWEST - 1, seed=6), with_embeddings=False).adopted is None
    )


def test_learning_does_not_change_other_answers():
    plain = [
        TaughtReply(uuid4(), Reply("Re: x", text), category, False)
        for text, category in (
            ("Bitte nehmen Sie mich aus Ihrem Verteiler.", Category.UNSUBSCRIBE),
            ("Donnerstag 15 Uhr passt, schicken Sie mir bitte eine Einladung.", Category.MEETING),
            ("John Miller is no longer with the company.", Category.LEFT_COMPANY),
        )
    ]
    learned = learning.judge(weights.shipped(), replies(60, seed=7), with_embeddings=False).adopted
    assert learned is not None
    assert errors(Engine(learned.applied_to(weights.shipped(), "v"), with_embeddings=False), plain) == 0


# --- in the database ------------------------------------------------------------------------------------------------------


@pytest.fixture
def corrected(acme_connection, operator, monkeypatch) -> list[Message]:
    monkeypatch.setattr(learning.embeddings, "available", lambda: False)
    organizations._shipped.cache_clear()
    organizations._learned.cache_clear()
    campaign = factories.campaign(acme_connection)
    made = []
    for number, each in enumerate(replies(50, seed=1)):
        contact = factories.contact(campaign.organization, f"lead{number}@lead.example")
        with rls.scope(rls.SYSTEM):
            message = Message.objects.create(
                id=each.id, organization=campaign.organization, campaign=campaign, contact=contact, direction=Direction.IN,
                subject=each.reply.subject, reply_text=each.reply.text, happened_at=NOON, sent_at=NOON, text_at=NOON,
            )  # fmt: skip
        corrections.correct(message, each.category, now=NOON, actor=operator)
        made.append(message)
    return made


@pytest.mark.django_db
def test_learning_is_stored_used_and_kept_from_everybody_else(corrected, acme, globex):
    assert learning.due(now=NOON) == [acme.pk]
    outcome = learning.learn_for(acme.pk, now=NOON)
    assert outcome.adopted is not None and learning.due(now=NOON + timedelta(days=2)) == []
    with rls.scope(rls.customer(acme.pk)):
        row = TriageLearning.objects.get()
        assert row.is_adopted and row.corrections == 50 and row.errors_after < row.errors_before
    assert organizations.engine_of(acme.pk).weights.version == row.version
    assert organizations.engine_of(globex.pk).weights.version == weights.shipped().version
    assert learning.taught(globex.pk) == []
    with rls.scope(rls.customer(globex.pk)):
        assert not TriageLearning.objects.exists()


@pytest.mark.django_db
def test_a_few_new_corrections_wait_for_the_night_and_many_do_not(corrected, acme, operator):
    learning.learn_for(acme.pk, now=NOON)
    later = NOON + timedelta(hours=1)
    corrections.correct(corrected[0], Category.COMPLAINT, now=later, actor=operator)
    assert learning.due(now=later) == [] and learning.due(now=NOON + timedelta(days=1)) == [acme.pk]
    for message in corrected[1 : corrections.ENOUGH]:
        corrections.correct(message, Category.COMPLAINT, now=later, actor=operator)
    assert learning.due(now=later) == [acme.pk]


@pytest.mark.django_db
def test_the_nearest_replies_are_of_the_same_organization_and_alike(corrected, acme, globex):
    with rls.scope(rls.customer(acme.pk)):
        asked = corrected[0]
        found = neighbours.nearest(asked)
        assert len(found) == 3 and asked.pk not in {each.message_id for each in found}
        verdicts = dict(CategoryCorrection.objects.values_list("pk", "category"))
        assert [verdicts[each.message_id] for each in found] == [each.category.value for each in found]
        assert found[0].category == verdicts[asked.pk]
    with rls.scope(rls.customer(globex.pk)):
        assert neighbours.nearest(asked) == []
