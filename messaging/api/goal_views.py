"""API endpoint of an organization's goals for a month, with the pace towards them."""

from datetime import UTC, date, datetime

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.parameters import InOneOrganization
from accounts.api.team_views import InOrganization
from messaging import goals
from messaging.api import errors  # noqa: F401  says how this app's refusals are answered
from messaging.models import DailyStats, Goal
from salesbrain import rls
from salesbrain.api.parameters import Day
from salesbrain.api.request_bodies import Body, StrictInteger
from salesbrain.kernel.fast_reads import Where

MONTH = "Any day of the month; without it the current one (UTC)."


class GoalParameters(InOneOrganization):
    month = Day(help_text=MONTH)


class GoalsBody(Body):
    """A target for each figure; null removes it, and omitted figures stay."""

    def get_fields(self) -> dict[str, serializers.Field]:
        return {
            metric: StrictInteger(
                required=False,
                allow_null=True,
                min_value=1,
                max_value=goals.LARGEST,
                help_text="Target; null: no goal.",
            )
            for metric in goals.METRICS
        }


class GoalSerializer(serializers.Serializer):
    metric = serializers.ChoiceField(choices=list(goals.METRICS), help_text="A figure of /stats.")
    target = serializers.IntegerField(min_value=1)
    done = serializers.IntegerField(min_value=0, help_text="The figure so far.")
    forecast = serializers.IntegerField(
        min_value=0,
        allow_null=True,
        help_text="Where the month ends at the pace so far, by working days (Mon–Fri); null before its first one.",
    )


class GoalsOfMonth(serializers.Serializer):
    """An organization's goals of one month."""

    organization_id = serializers.UUIDField(help_text="Whose they are.")
    month = serializers.DateField(help_text="Its first day.")
    last_day = serializers.DateField()
    goals = GoalSerializer(many=True)


class GoalViewSet(InOrganization):
    tag = "Customers"
    outside = ("update",)
    rates = {"update": "write"}
    parameters = {"retrieve": GoalParameters, "update": GoalParameters}
    bodies = {"update": GoalsBody}
    shapes = {"retrieve": GoalsOfMonth, "update": GoalsOfMonth}

    def retrieve(self, request: Request) -> Response:
        """Return a month's goals, with the progress towards each."""
        return Response(self._stand())

    def update(self, request: Request) -> Response:
        """Set a month's goals.

        For owners.
        """
        scope, user = self.caller
        goals.set_goals(scope, by=user, month=self._month(), targets=self.body(request), now=timezone.now())
        return Response(self._stand())

    def _month(self) -> date:
        return goals.first_day(self.asked["month"] or datetime.now(UTC).date())

    def _stand(self) -> dict[str, object]:
        scope, _ = self.caller
        month, today = self._month(), datetime.now(UTC).date()
        with rls.scope(scope):
            rows = Where(DailyStats, {"organization_id": scope.organization})
            own = Goal.objects.filter(organization=scope.organization)
            stand = goals.progress(own, rows, month=month, today=today)
            found = [
                {"metric": one.metric, "target": one.target, "done": one.done, "forecast": one.forecast}
                for one in stand
            ]
        return {
            "organization_id": str(scope.organization),
            "month": month.isoformat(),
            "last_day": goals.last_day(month).isoformat(),
            "goals": found,
        }
