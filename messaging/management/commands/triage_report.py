"""Measure reply categories, return dates and requests against expected results."""

import json
import resource
from collections.abc import Iterator
from pathlib import Path
from time import process_time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from messaging.intelligence.reporting import classification, dates, mistaken
from messaging.intelligence.reporting.classification import Case
from messaging.intelligence.reporting.gold import AmbiguousReply, Gold, LabelledReply, UnreadableGold, read
from messaging.intelligence.triage import embeddings
from messaging.intelligence.triage.classes import Category
from messaging.intelligence.triage.engine import BATCH, Engine, Opinion, Reply
from messaging.intelligence.triage.weights import UnusableModel

Rows = list[dict[str, Any]]


class Command(BaseCommand):
    help = (
        "Judge triage, absence dates and next steps against a file of JSON lines, each recognised by its fields. "
        "Example: manage.py triage_report --gold judge.jsonl --predictions said.jsonl"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--gold", metavar="FILE", required=True, type=Path, action="append", help="may be repeated")
        parser.add_argument("--predictions", metavar="OUT", type=Path, help="write one JSON line per item there")
        parser.add_argument(
            "--without-embeddings",
            action="store_true",
            help="judge the engine as it is where requirements/triage.txt is not installed",
        )
        parser.add_argument(
            "--mistakes",
            metavar="N",
            type=int,
            default=0,
            help="also the confusion table, and the N mistakes it was surest of",
        )
        parser.add_argument(
            "--confusion", action="store_true", help="also the confusion table, without any text of the replies"
        )

    def handle(
        self,
        *args: Any,
        gold: list[Path],
        predictions: Path | None,
        without_embeddings: bool,
        mistakes: int,
        confusion: bool = False,
        **options: Any,
    ) -> None:
        items = Gold()
        for path in gold:
            try:
                own = read(path)
            except (UnreadableGold, OSError) as error:
                raise CommandError(str(error)) from error
            items.replies += own.replies
            items.ambiguous += own.ambiguous
            items.absences += own.absences
            items.requests += own.requests
        if not items:
            raise CommandError(f"There is nothing to judge in {', '.join(map(str, gold))}.")
        rows = [
            *self._triage(
                items, without_embeddings=without_embeddings, mistakes=mistakes, confusion=confusion or mistakes > 0
            ),
            *self._absences(items),
            *self._requests(items),
        ]
        if predictions:
            predictions.write_text(
                "".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in rows), encoding="utf-8"
            )
            self.stdout.write(f"\n{len(rows)} predictions are in {predictions}.")

    def _triage(self, gold: Gold, *, without_embeddings: bool, mistakes: int, confusion: bool) -> Rows:
        judged: list[LabelledReply | AmbiguousReply] = [*gold.replies, *gold.ambiguous]
        if not judged:
            return []
        try:
            engine = Engine(with_embeddings=False if without_embeddings else None)
        except UnusableModel as error:
            raise CommandError(str(error)) from error
        engine.classify([Reply("Re:", "Danke. Thanks.")])  # what is loaded once is not a reply's cost
        before = process_time()
        opinions = engine.classify([Reply(item.subject, item.text) for item in judged])
        cost = (process_time() - before) / len(judged)
        mode = f"with {embeddings.MODEL}" if engine.with_embeddings else "without embeddings"
        self.stdout.write(f"Triage {mode}, model {engine.version}")
        predicted = dict(zip((item.id for item in judged), opinions, strict=True))
        if gold.replies:
            cases = [_case(item, predicted[item.id]) for item in gold.replies]
            self._print(self._classes(cases))
            if confusion:
                self._print(mistaken.table(cases))
            if mistakes:
                self._print(mistaken.surest([(item, predicted[item.id]) for item in gold.replies], most=mistakes))
        if gold.ambiguous:
            self._print(_ambiguous([(item, predicted[item.id]) for item in gold.ambiguous]))
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        self.stdout.write(f"  CPU a reply (batches of {BATCH})      {1000 * cost:.1f} ms")
        self.stdout.write(f"  memory of the process at its peak   {memory:.0f} MiB")
        return [
            {"id": item.id, "class": own.category.value, "abstain": own.abstains, "p": round(own.p, 4)}
            for item, own in zip(judged, opinions, strict=True)
        ]

    def _classes(self, cases: list[Case]) -> Iterator[str]:
        truth, predicted = classification.columns(cases)
        right, coverage = classification.answered(cases)
        yield f"  {len(cases)} replies"
        yield f"  macro-F1, full coverage             {classification.macro_f1(truth, predicted):.3f}"
        yield f"  accuracy, full coverage             {sum(case.is_right for case in cases) / len(cases):.3f}"
        yield f"  accuracy where it answers           {right:.3f} at coverage {coverage:.3f}"
        removed = [case for case in cases if Category.UNSUBSCRIBE in (case.truth, case.predicted)]
        missed = sum(case.predicted is not Category.UNSUBSCRIBE for case in removed)
        false = sum(case.truth is not Category.UNSUBSCRIBE for case in removed)
        wanted = sum(case.truth is Category.UNSUBSCRIBE for case in cases)
        yield f"  unsubscribe                         {missed} missed, {false} false of {wanted}"
        if (gap := classification.difference(cases)) is not None:
            yield f"  German - English macro-F1           {gap[0]:+.3f}, 95 % interval {gap[1]:+.3f} to {gap[2]:+.3f}"
        else:
            yield "  German - English macro-F1           not known: a language is missing"
        yield f"  calibration error, five bins        {classification.calibration_error(cases):.3f}"
        yield "  category          replies  precision  recall     F1"
        for row in classification.per_class(cases):
            yield f"  {row.category:<16} {row.replies:>8} {row.precision:>10.3f} {row.recall:>7.3f} {row.f1:>6.3f}"
        yield "  taken for another, most often:"
        for was, taken, count in classification.confusions(cases):
            yield f"    {count:>3} x {was} as {taken}"

    def _absences(self, gold: Gold) -> Rows:
        if not gold.absences:
            return []
        try:
            predicted = dates.returns(gold.absences)
        except dates.NotBuilt as error:
            self.stdout.write(f"Absence dates: not judged, {error}.")
            return []
        found = [dates.Found(note.back, back) for note, back in zip(gold.absences, predicted, strict=True)]
        self.stdout.write(f"Absence dates, {len(found)} notes")
        self.stdout.write(f"  {_share_line('return date', dates.share(found))}")
        return [
            {"id": note.id, "back": back.isoformat() if back else None}
            for note, back in zip(gold.absences, predicted, strict=True)
        ]

    def _requests(self, gold: Gold) -> Rows:
        if not gold.requests:
            return []
        try:
            predicted = dates.requests(gold.requests)
        except dates.NotBuilt as error:
            self.stdout.write(f"Next steps: not judged, {error}.")
            return []
        pairs = list(zip(gold.requests, predicted, strict=True))
        right = sum(own.ask == str(step.ask) for own, step in pairs)
        when = dates.share([dates.Found(own.when, step.when) for own, step in pairs])
        address = dates.share([dates.Found(_lower(own.address), _lower(step.address)) for own, step in pairs])
        self.stdout.write(f"Next steps, {len(pairs)} replies")
        self.stdout.write(f"  ask                                 accuracy {right / len(pairs):.3f}")
        self.stdout.write(f"  {_share_line('when', when)}")
        self.stdout.write(f"  {_share_line('address', address)}")
        return [
            {
                "id": own.id,
                "ask": str(step.ask),
                "when": step.when.isoformat() if step.when else None,
                "address": step.address or None,
            }
            for own, step in pairs
        ]

    def _print(self, lines: Iterator[str]) -> None:
        for line in lines:
            self.stdout.write(line)


def _case(item: LabelledReply, opinion: Opinion) -> Case:
    return Case(item.id, item.language, item.category, opinion.category, opinion.p, opinion.abstains)


def _ambiguous(pairs: list[tuple[AmbiguousReply, Opinion]]) -> Iterator[str]:
    abstained = sum(own.abstains for _, own in pairs)
    answered = [(item, own) for item, own in pairs if not own.abstains]
    fitting = sum(own.category in item.categories for item, own in answered)
    yield f"  ambiguous replies                   abstains on {abstained / len(pairs):.3f} of {len(pairs)}"
    yield f"    where it answers one of them      {fitting} of {len(answered)}"


def _share_line(name: str, share: dates.Share) -> str:
    return (
        f"{name:<35} precision {share.precision:.3f} ({share.right}/{share.predicted}), "
        f"recall {share.recall:.3f} ({share.right}/{share.wanted})"
    )


def _lower(value: str | None) -> str | None:
    return value.strip().lower() if value else None
