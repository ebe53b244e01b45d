"""API endpoint of an organization's scores: mapping of variables, weights, outcome by band."""

from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.parameters import InOneOrganization
from accounts.api.team_views import InOrganization
from messaging.api import errors  # noqa: F401  says how this app's refusals are answered
from messaging.intelligence.scoring.engagement import RowName
from messaging.models import ScoringSettings
from messaging.scores import fit_mapping
from messaging.scores.fit_mapping import LONGEST_NAME, MOST_EMPLOYEES, MOST_INDUSTRIES
from salesbrain import rls
from salesbrain.api.request_bodies import Body, StrictInteger, Text

NAMES = ("title", "employees", "employees_from", "employees_to", "industry", "industries")


class MappingBody(Body):
    """Variables of contacts that say how well they fit. An omitted field is empty."""

    title = Text(max_length=LONGEST_NAME, allow_blank=True, required=False, default="", help_text="With the job title.")
    employees = Text(
        max_length=LONGEST_NAME, allow_blank=True, required=False, default="", help_text="With the number of employees."
    )
    employees_from = StrictInteger(required=False, default=0, min_value=0, max_value=MOST_EMPLOYEES)
    employees_to = StrictInteger(required=False, default=None, allow_null=True, min_value=0, max_value=MOST_EMPLOYEES)
    industry = Text(
        max_length=LONGEST_NAME, allow_blank=True, required=False, default="", help_text="With the industry."
    )
    industries = serializers.ListField(
        child=Text(max_length=LONGEST_NAME), required=False, default=list, max_length=MOST_INDUSTRIES, help_text="Looked for."
    )  # fmt: skip


class ScoreMapping(serializers.Serializer):
    title = serializers.CharField(allow_blank=True)
    employees = serializers.CharField(allow_blank=True)
    employees_from = serializers.IntegerField()
    employees_to = serializers.IntegerField(allow_null=True)
    industry = serializers.CharField(allow_blank=True)
    industries = serializers.ListField(child=serializers.CharField())


class CalibrationBin(serializers.Serializer):
    contacts = serializers.IntegerField()
    expected = serializers.FloatField(help_text="Mean chance of a positive outcome, 0 to 1.")
    observed = serializers.FloatField(help_text="Share that had one.")


class ScoreLearning(serializers.Serializer):
    contacts = serializers.IntegerField(help_text="In the last attempt; own weights take 1,000.")
    positives = serializers.IntegerField(help_text="Of them; own weights take 120.")
    is_learned = serializers.BooleanField(help_text="false: the shipped weights count.")
    factors = serializers.DictField(
        child=serializers.FloatField(), help_text=f"Of the rows {', '.join(map(str, RowName))}; empty: all 1."
    )
    calibration = CalibrationBin(many=True, help_text="Fifths of the contacts, lowest scores first.")


class BandOutcome(serializers.Serializer):
    band = serializers.CharField(help_text="Fit and engagement, such as B1.")
    contacts = serializers.IntegerField()
    positives = serializers.IntegerField()
    rate = serializers.FloatField(allow_null=True)
    low = serializers.FloatField(help_text="Wilson's interval, 95 percent.")
    high = serializers.FloatField()


class QuarterOutcome(serializers.Serializer):
    year = serializers.IntegerField()
    quarter = serializers.IntegerField()
    enough = serializers.BooleanField(help_text="false: too few cases to judge the score.")
    predicts = serializers.BooleanField(help_text="The best band reaches at least twice the rate of all.")
    base_rate = serializers.FloatField(allow_null=True)
    top_rate = serializers.FloatField(allow_null=True)
    bands = BandOutcome(many=True)


class ScoresSerializer(serializers.Serializer):
    """How contacts of an organization are scored, and how well that predicts."""

    organization_id = serializers.UUIDField(help_text="Whose they are.")
    scored_at = serializers.DateTimeField(allow_null=True, help_text="null: not yet, or the mapping changed.")
    predicts = serializers.BooleanField(allow_null=True, help_text="null: too few cases. Only true sorts by score.")
    mapping = ScoreMapping()
    learning = ScoreLearning()
    outcome = QuarterOutcome(many=True, help_text="This quarter and the last one.")


class ScoresViewSet(InOrganization):
    tag = "Customers"
    outside = ("update",)
    rates = {"update": "write"}
    parameters = {"retrieve": InOneOrganization, "update": InOneOrganization}
    bodies = {"update": MappingBody}
    shapes = {"retrieve": ScoresSerializer, "update": ScoresSerializer}

    def retrieve(self, request: Request) -> Response:
        """How contacts are scored, and whether the score predicts.

        Outcomes are counted with each contact's score just before its first reply of the quarter.
        """
        return self._shown()

    def update(self, request: Request) -> Response:
        """Map variables of contacts to fit.

        For owners. The scores follow within some minutes.
        """
        scope, user = self.caller
        fit_mapping.set_mapping(scope, by=user, now=timezone.now(), **self.body(request))
        return self._shown()

    def _shown(self) -> Response:
        scope, _ = self.caller
        with rls.scope(scope):
            own = ScoringSettings.objects.filter(pk=scope.organization).first()
        row = own or ScoringSettings(organization_id=scope.organization)
        return Response(
            {
                "organization_id": str(scope.organization),
                "scored_at": row.scored_at,
                "predicts": row.predicts,
                "mapping": {name: getattr(row, name) for name in NAMES},
                "learning": {
                    "contacts": row.contacts,
                    "positives": row.positives,
                    "is_learned": bool(row.factors),
                    "factors": row.factors or {},
                    "calibration": (row.calibration or {}).get("bins", []),
                },
                "outcome": [_quarter(each) for each in row.outcome],
            }
        )


def _quarter(stored: dict[str, Any]) -> dict[str, Any]:
    """Return a stored quarter; those of earlier releases do not say whether there were cases enough."""
    return {**stored, "enough": stored.get("enough", stored["base_rate"] is not None)}
