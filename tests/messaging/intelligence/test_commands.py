"""Commands triage_replies, learn_triage and train_triage, and the scheduled learning job."""

import shutil
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from instantly import tasks
from messaging.intelligence.triage import corrections, learning, organizations, training, weights
from messaging.intelligence.triage.classes import Category
from messaging.models import MessageCategory, TriageLearning, TriagePending
from salesbrain import rls
from tests import factories
from tests.factories import NOON
from tests.messaging.intelligence.test_pending import reply


def output_of(*command: str, **options) -> str:
    out = StringIO()
    call_command(*command, stdout=out, **options)
    return out.getvalue()


@pytest.mark.django_db
def test_pending_messages_are_categorized_and_with_again_those_of_another_version(acme_connection):
    message = reply(factories.campaign(acme_connection))
    assert "1 messages categorized" in output_of("triage_replies")
    assert "0 messages categorized" in output_of("triage_replies", again=True)
    with rls.scope(rls.SYSTEM):
        MessageCategory.objects.filter(pk=message.pk).update(version="older", category="meeting")
    assert "1 messages categorized" in output_of("triage_replies", again=True)
    with rls.scope(rls.SYSTEM):
        assert MessageCategory.objects.get().category == "unsubscribe" and not TriagePending.objects.exists()


@pytest.mark.django_db
def test_learned_weights_count_as_this_version(acme_connection, acme):
    message = reply(factories.campaign(acme_connection))
    output_of("triage_replies")
    with rls.scope(rls.SYSTEM):
        MessageCategory.objects.filter(pk=message.pk).update(version=f"{organizations.shipped_version()}.abc+e")
    assert "0 messages" in output_of("triage_replies", again=True)


@pytest.mark.django_db
def test_too_few_corrections_and_unknown_organizations_are_reported(acme_connection, acme, operator):
    message = reply(factories.campaign(acme_connection))
    assert "No organization" in output_of("learn_triage")
    corrections.correct(message, Category.QUESTION, now=NOON, actor=operator)
    assert "acme: 1 corrections are too few" in output_of("learn_triage", organization="acme")
    with pytest.raises(CommandError, match="There is no organization 'initech'"):
        output_of("learn_triage", organization="initech")


@pytest.mark.django_db
def test_the_job_learns_for_due_organizations(acme_connection, acme, operator):
    corrections.correct(reply(factories.campaign(acme_connection)), Category.QUESTION, now=NOON, actor=operator)
    tasks.learn_triage(timestamp=0)
    with rls.scope(rls.SYSTEM):
        assert not TriageLearning.objects.get().is_due
    assert learning.due(now=NOON) == []


def test_an_older_model_is_reported_as_unusable(tmp_path, monkeypatch):
    weights.shipped.cache_clear()
    monkeypatch.setattr(weights.load, "__defaults__", (tmp_path / "missing.npz",))
    try:
        with pytest.raises(CommandError, match="train_triage"):
            output_of("triage_replies")
    finally:
        weights.shipped.cache_clear()


# --- training -----------------------------------------------------------------------------------------------------------------


@pytest.fixture
def few(tmp_path: Path) -> Path:
    """Return a part of the training files: every twelfth line."""
    for path in (settings.BASE_DIR / "fixtures" / "triage").glob("train_*.jsonl"):
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        (tmp_path / path.name).write_text("".join(lines[::12]), encoding="utf-8")
    return tmp_path


def test_training_twice_gives_the_same_bytes(few: Path):
    from messaging.intelligence.reporting.gold import read_ambiguous, read_training

    replies = read_training(few.glob("train_*.jsonl"))
    ambiguous = read_ambiguous((settings.BASE_DIR / "fixtures" / "triage").glob("ambiguous_*.jsonl"))
    made = [training.train(training.prepare(replies, ambiguous, pool=None), seed=3).weights.packed() for _ in range(2)]
    assert made[0] == made[1] and len(made[0]) <= weights.LARGEST


def test_each_writers_replies_are_judged_by_models_of_the_others(few: Path):
    from messaging.intelligence.reporting.gold import read_training

    prepared = training.prepare(read_training(few.glob("train_*.jsonl")), pool=None)
    for known, unseen in training.folds(prepared, seed=1):
        assert not {prepared.group[row] for row in known} & {prepared.group[row] for row in unseen}
    assert sum(len(unseen) for _, unseen in training.folds(prepared, seed=1)) == len(prepared.truth)


def test_missing_training_files_are_reported(tmp_path: Path, monkeypatch):
    monkeypatch.setattr("messaging.intelligence.triage.embeddings.available", lambda: True)
    with pytest.raises(CommandError, match=r"There is no train_\*\.jsonl"):
        output_of("train_triage", data=tmp_path, out=tmp_path / "model.npz")
    shutil.rmtree(tmp_path)
