"""API endpoints of triage: categories, who was right, threshold and rules, replays of the reply lab."""

from collections.abc import Sequence
from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.parameters import InOneOrganization
from accounts.api.team_views import InOrganization
from messaging import tasks
from messaging.api import errors  # noqa: F401  says how this app's refusals are answered
from messaging.intelligence.triage import judged, organizations, replay
from messaging.intelligence.triage.adjustments import LONGEST, MOST_PHRASES, SHORTEST
from messaging.intelligence.triage.classes import CATEGORIES, Category
from messaging.intelligence.triage.facts import BY_LABEL
from messaging.intelligence.triage.judged import Judged, Share
from messaging.intelligence.triage.rules import BY_ID
from messaging.models import TriageLearning, TriageReplay
from salesbrain import rls
from salesbrain.api.parameters import Choice
from salesbrain.api.request_bodies import Body, StrictNumber, Text

LATEST = 20


class TriageParameters(InOneOrganization):
    language = Choice(choices=["de", "en"], help_text="Only judged replies in this language.")


class PhraseBody(Body):
    words = Text(min_length=SHORTEST, max_length=LONGEST)
    category = serializers.ChoiceField(choices=[category.value for category in Category])


class RulesBody(Body):
    threshold = StrictNumber(
        min_value=replay.LOWEST, max_value=replay.HIGHEST, help_text="Reliability below which a person decides."
    )
    off = serializers.ListField(
        child=serializers.ChoiceField(choices=sorted(BY_ID)), required=False, default=list, help_text="Rules that do not count."
    )  # fmt: skip
    phrases = serializers.ListField(
        child=PhraseBody(), required=False, default=list, max_length=MOST_PHRASES,
        help_text="A reply with these words has the category; they beat every rule.",
    )  # fmt: skip


class LiveRulesBody(RulesBody):
    threshold = StrictNumber(
        min_value=replay.LOWEST, max_value=replay.HIGHEST, allow_null=True, help_text="null: the shipped one."
    )


class CategoryDefinition(serializers.Serializer):
    category = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # a field of the answer, not of this serializer
    means = serializers.CharField()
    border = serializers.CharField(help_text="What decides a doubtful case.")
    is_automatic = serializers.BooleanField()
    interests = serializers.ListField(
        child=serializers.CharField(), help_text="Interests of the provider that agree with it, such as lead_interested."
    )  # fmt: skip


class ShareSerializer(serializers.Serializer):
    right = serializers.IntegerField()
    total = serializers.IntegerField()


class ConfusionCell(serializers.Serializer):
    said = serializers.CharField(help_text="By people.")
    predicted = serializers.CharField(help_text="By triage.")
    count = serializers.IntegerField()


class WeekOfJudgements(serializers.Serializer):
    monday = serializers.DateField()
    triage = ShareSerializer()
    provider = ShareSerializer()


class OwnPhrase(serializers.Serializer):
    words = serializers.CharField()
    category = serializers.CharField()


class TriageLearned(serializers.Serializer):
    learned_at = serializers.DateTimeField(allow_null=True)
    corrections = serializers.IntegerField()
    held_back = serializers.IntegerField(help_text="Replies that both models were judged by.")
    errors_before = serializers.IntegerField()
    errors_after = serializers.IntegerField()
    is_adopted = serializers.BooleanField(help_text="false: the new model was no better, and was discarded.")


class TriageSerializer(serializers.Serializer):
    """How replies are sorted, and who was right where people judged."""

    organization_id = serializers.UUIDField(help_text="Whose they are.")
    categories = CategoryDefinition(many=True)
    threshold = serializers.FloatField(help_text="That holds.")
    off = serializers.ListField(child=serializers.CharField())
    phrases = OwnPhrase(many=True)
    triage = ShareSerializer(help_text="Of the replies that people judged.")
    provider = ShareSerializer(help_text="Of those that the provider's AI labelled.")
    confusion = ConfusionCell(many=True)
    weeks = WeekOfJudgements(many=True, help_text="By when people judged, latest first.")
    learning = TriageLearned()


class ReplayChange(serializers.Serializer):
    before = serializers.CharField()
    after = serializers.CharField()
    count = serializers.IntegerField()
    message_ids = serializers.ListField(child=serializers.CharField(), help_text="Some of them.")


class ReplaySerializer(serializers.Serializer):
    """A replay of the last year's replies. It changes nothing."""

    id = serializers.UUIDField()
    created_at = serializers.DateTimeField()
    state = serializers.ChoiceField(choices=["queued", "running", "done", "failed"])
    threshold = serializers.FloatField()
    off = serializers.ListField(child=serializers.CharField())
    phrases = OwnPhrase(many=True)
    replies = serializers.IntegerField(help_text="Replayed.")
    same = serializers.IntegerField(help_text="Of them keep their category.")
    changes = ReplayChange(many=True)


class Replays(serializers.Serializer):
    """The latest replays."""

    organization_id = serializers.UUIDField(help_text="Whose they are.")
    replays = ReplaySerializer(many=True)


class TriageViewSet(InOrganization):
    tag = "Customers"
    outside = ("update",)
    rates = {"update": "write"}
    parameters = {"retrieve": TriageParameters, "update": InOneOrganization}
    bodies = {"update": LiveRulesBody}
    shapes = {"retrieve": TriageSerializer, "update": TriageSerializer}

    def retrieve(self, request: Request) -> Response:
        """How replies are sorted, and who was right.

        Over the latest 5,000 replies that people judged. They judge mostly what looks wrong, so that the true accuracy is higher.
        """
        return self._shown(self.asked["language"] or "")

    def update(self, request: Request) -> Response:
        """Make a threshold and changed rules the live ones.

        For owners. Replies of the last year are sorted anew; what people said of them stays.
        """
        scope, user = self.caller
        replay.set_threshold(scope, by=user, now=timezone.now(), **_asked(self.body(request)))
        return self._shown("")

    def _shown(self, language: str) -> Response:
        scope, _ = self.caller
        with rls.scope(scope):
            rows = judged.judged(scope.organization, language=language)
            own = TriageLearning.objects.defer("differences").filter(pk=scope.organization).first()
        engine = organizations.engine_of(scope.organization)
        learning = own or TriageLearning(organization_id=scope.organization)
        return Response(
            {
                "organization_id": str(scope.organization),
                "categories": _categories(),
                "threshold": round(engine.threshold, 4),
                **_rules(engine.adjusted.as_json()),
                **_who_was_right(rows),
                "learning": {
                    name: getattr(learning, name)
                    for name in (
                        "learned_at",
                        "corrections",
                        "held_back",
                        "errors_before",
                        "errors_after",
                        "is_adopted",
                    )
                },
            }
        )


class ReplayViewSet(InOrganization):
    tag = "Customers"
    outside = ("create",)
    rates = {"create": "write"}
    parameters = {"list": InOneOrganization, "create": InOneOrganization}
    bodies = {"create": RulesBody}
    shapes = {"list": Replays, "create": Replays}
    answers_too = {"create": (409,)}

    def list(self, request: Request) -> Response:
        """The latest replays of the reply lab, newest first."""
        return self._shown()

    def create(self, request: Request) -> Response:
        """Replay the replies of the last year through a threshold and changed rules.

        For owners. It runs in the background and changes nothing. `replay_runs` (409): one is running.
        """
        scope, user = self.caller
        id = replay.ask_for_replay(scope, by=user, now=timezone.now(), **_asked(self.body(request)))
        tasks.replay_triage.defer(replay_id=str(id))
        return self._shown()

    def _shown(self) -> Response:
        scope, _ = self.caller
        with rls.scope(scope):
            rows = list(TriageReplay.objects.filter(organization=scope.organization)[:LATEST])
        return Response({"organization_id": str(scope.organization), "replays": [_replay(row) for row in rows]})


def _asked(body: dict[str, Any]) -> dict[str, Any]:
    """Return a validated body as the services take it."""
    return {**body, "phrases": [(phrase["words"], phrase["category"]) for phrase in body["phrases"]]}


def _rules(stored: dict[str, Any] | None) -> dict[str, Any]:
    known = stored or {}
    phrases = [{"words": phrase, "category": category} for phrase, category in known.get("phrases", [])]
    return {"off": known.get("off", []), "phrases": phrases}


def _categories() -> list[dict[str, Any]]:
    return [
        {
            "category": category.value,
            "label": str(definition.label),
            "means": str(definition.means),
            "border": str(definition.border),
            "is_automatic": definition.is_automatic,
            "interests": [label for label, agreeing in BY_LABEL.items() if category in agreeing],
        }
        for category, definition in CATEGORIES.items()
    ]


def _who_was_right(rows: Sequence[Judged]) -> dict[str, Any]:
    return {
        "triage": _share(judged.share(rows)),
        "provider": _share(judged.provider_share(rows)),
        "confusion": [
            {"said": said.value, "predicted": predicted.value, "count": count}
            for (said, predicted), count in sorted(judged.confusion_matrix(rows).items())
        ],
        "weeks": [
            {"monday": week.monday.isoformat(), "triage": _share(week.ours), "provider": _share(week.provider)}
            for week in judged.weeks(rows)
        ],
    }


def _share(share: Share) -> dict[str, int]:
    return {"right": share.right, "total": share.total}


def _replay(row: TriageReplay) -> dict[str, Any]:
    return {
        "id": str(row.pk),
        "created_at": row.created_at,
        "state": row.state,
        "threshold": row.threshold,
        **_rules(row.rules),
        "replies": row.replies,
        "same": row.result.get("same", 0),
        "changes": [
            {
                "before": change[0],
                "after": change[1],
                "count": change[2],
                "message_ids": [*change[3]] if len(change) > 3 else [],
            }
            for change in row.result.get("changes", [])
        ],
    }
