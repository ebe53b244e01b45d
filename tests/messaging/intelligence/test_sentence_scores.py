"""Stored scores of sentence embeddings: used by replays, deleted by erasure, moved with campaigns."""

from collections.abc import Iterator
from datetime import timedelta

import numpy as np
import pytest

from instantly.erasure import erase_contact
from messaging.campaign_transfer import move_campaign
from messaging.intelligence.triage import embeddings, organizations, pending, replay
from messaging.intelligence.triage.embeddings import POOLED
from messaging.intelligence.triage.engine import Engine, Reply
from messaging.models import MessageCategory
from salesbrain import rls
from tests import factories
from tests.factories import NOON
from tests.messaging.intelligence.test_pending import reply

TEXTS = ("Klingt gut, wann passt es?", "What does it cost?", "ok")
NOW = NOON + timedelta(days=1)


@pytest.fixture
def pooled(monkeypatch) -> Iterator[list[int]]:
    """Fake embeddings; return a list with the number of replies of each call."""
    asked: list[int] = []

    def made(parts):
        asked.append(len(parts))
        return np.array([np.linspace(-1, len("".join(own.body)) / 40, POOLED) for own in parts], dtype=np.float32)

    monkeypatch.setattr(embeddings, "available", lambda: True)
    monkeypatch.setattr(embeddings, "pooled", made)
    organizations._shipped.cache_clear()
    yield asked
    organizations._shipped.cache_clear()


def test_known_scores_give_the_same_opinion_without_embeddings(pooled):
    engine = Engine(with_embeddings=True)
    first = engine.classify([Reply("Re: x", text) for text in TEXTS])
    again = engine.classify([Reply("Re: x", text, None, own.sentences) for text, own in zip(TEXTS, first, strict=True)])
    assert pooled == [3] and again == first
    for own, known in zip(first, again, strict=True):
        assert np.array_equal(own.probabilities, known.probabilities)


@pytest.fixture
def messages(shared_connection, acme, pooled):
    campaign = factories.campaign(shared_connection, organization=acme)
    made = [reply(campaign, text, f"p{number}@lead.example") for number, text in enumerate(TEXTS)]
    while pending.triage_pending():
        pass
    return made


def scores() -> list[bytes | None]:
    with rls.scope(rls.SYSTEM):
        return [own and bytes(own) for own in MessageCategory.objects.values_list("sentence_scores", flat=True)]


@pytest.mark.django_db
def test_a_replay_reads_stored_scores_and_changes_nothing_at_the_live_threshold(acme, messages, pooled):
    asked = len(pooled)
    live = organizations.engine_of(acme.pk).threshold
    count, result = replay.replay(acme.pk, threshold=live, now=NOW)
    assert (count, result["changes"]) == (3, []) and len(pooled) == asked
    with rls.scope(rls.SYSTEM):
        MessageCategory.objects.update(version="another")
    replay.replay(acme.pk, threshold=live, now=NOW)
    assert len(pooled) == asked + 1, "scores of another model are not used"


@pytest.mark.django_db
def test_scores_go_with_an_erasure_and_with_a_move(acme, globex, messages):
    assert all(own is not None and len(own) == 48 for own in scores())
    erase_contact(organization=acme, email="p0@lead.example", now=NOW, actor_name="test")
    assert sum(own is None for own in scores()) == 1
    move_campaign(messages[1].campaign_id, globex.pk, now=NOW, actor_name="test")
    assert all(own is None for own in scores())
