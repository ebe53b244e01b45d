"""JSON form of a contact's score, with the rows that add up to it."""

from datetime import datetime
from typing import Any

from rest_framework import serializers

from messaging.contact_engagement import engagement_of
from messaging.intelligence.scoring.engagement import RowName
from messaging.intelligence.scoring.fit import FitRowName, fit
from messaging.models import Contact, ContactVariables, ScoringSettings
from messaging.scores.fit_mapping import mapping_of, weights_of
from messaging.scores.outcomes import band


class FitRow(serializers.Serializer):
    name = serializers.ChoiceField(choices=[str(name) for name in FitRowName])
    value = serializers.CharField(help_text="Of the mapped variable.")
    points = serializers.IntegerField()


class EngagementRow(serializers.Serializer):
    name = serializers.ChoiceField(choices=[str(name) for name in RowName])
    points = serializers.IntegerField(help_text="In tenths; halved every 14 days.")
    count = serializers.IntegerField(help_text="Of what it counts.")
    latest = serializers.DateTimeField(allow_null=True)


class ScoreSerializer(serializers.Serializer):
    """Score of a contact as of now. `points` is the sum of the rows."""

    band = serializers.CharField(allow_blank=True, help_text="Fit and engagement, such as B1; empty: excluded.")
    fit = serializers.CharField(allow_null=True, help_text="A, B or C; null: nothing mapped is known.")
    fit_rows = FitRow(many=True)
    level = serializers.IntegerField(allow_null=True, help_text="Engagement, 1 (strongest) to 3; null: excluded.")
    points = serializers.IntegerField(allow_null=True, help_text="Of the engagement, in tenths; null: excluded.")
    rows = EngagementRow(many=True)
    excluded = serializers.CharField(
        allow_blank=True, help_text="Why there is no score: complained, unsubscribed, bounced, declined."
    )


def score_of(contact: Contact, variables: ContactVariables | None, *, now: datetime) -> dict[str, Any]:
    """Return the contact's score as the API shows it, in two statements. In the caller's scope."""
    settings = ScoringSettings.objects.filter(pk=contact.organization_id).first()
    engagement = engagement_of(contact, now=now, weights=weights_of(settings))
    found = fit(variables.variables if variables else {}, mapping_of(settings))
    return {
        "band": band(found.grade, engagement),
        "fit": found.grade,
        "fit_rows": [{"name": str(row.name), "value": row.value, "points": row.points} for row in found.rows],
        "level": engagement.level,
        "points": engagement.score,
        "rows": [
            {"name": str(row.name), "points": row.points, "count": row.count, "latest": row.latest}
            for row in engagement.rows
        ],
        "excluded": engagement.excluded,
    }
