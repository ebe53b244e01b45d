"""API endpoint of findings for staff: what needs attention, of all organizations."""

from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from messaging.choices import FindingTarget, Severity
from messaging.findings.snoozes import open_findings
from messaging.models import Finding
from salesbrain.api.pagination import PageParameters, ordering
from salesbrain.api.parameters import Choice, Choices, Key, Moment, Text, as_key
from salesbrain.api.responses import Listed
from salesbrain.api.views import ApiView

STATES = ("open", "snoozed", "over", "all")


class FindingList(PageParameters):
    state = Choice(choices=STATES, default="open", help_text="open: neither over nor snoozed. over: no longer found.")
    severity = Choices(choices=Severity.values, lookup="severity__in", help_text="One or several, separated by commas.")
    rule = Text(lookup="rule", help_text="A rule by its name, such as `bounces`.")
    target_type = Choice(choices=FindingTarget.values, lookup="target_type", help_text="What it is about.")
    target_id = Key(lookup="target_id", help_text="The object it is about.")
    organization = Text(help_text="An organization by its id or its short name, such as `acme`.")
    since = Moment(lookup="since__gte", help_text="Found for the first time then or later.")
    ordering = ordering("-since")

    def filter_state(self, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        now = timezone.now()
        return {
            "open": queryset.filter(pk__in=open_findings(now).values("pk")),
            "snoozed": queryset.filter(until__isnull=True, snoozed_until__gt=now),
            "over": queryset.filter(until__isnull=False),
        }.get(value, queryset)

    def filter_organization(self, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        key = as_key(value)
        return queryset.filter(Q(organization__slug=value) if key is None else Q(organization_id=key))


class FindingSerializer(serializers.ModelSerializer):
    """A finding: what a rule found on an object. `figure` and `limit` have the rule's unit: shares from 0 to 1, numbers, days or hours."""

    rule = serializers.CharField(help_text="The rule's name, such as bounces, leads_left or feed_gap.")
    severity = serializers.CharField(help_text="critical, warning or notice.")
    target_type = serializers.CharField(
        help_text="organization, campaign, email_account, connection, user or installation."
    )
    organization_id = serializers.UUIDField(allow_null=True, help_text="Null: it is of no customer.")

    class Meta:
        model = Finding
        fields: tuple[str, ...] = (
            "id", "rule", "severity", "target_type", "target_id", "target_name", "organization_id", "figure", "limit", "sample", "floor",
            "reason", "since", "until", "snoozed_until", "snooze_reason", "snoozed_by", "action_id", "updated_at",
        )  # fmt: skip


class FindingViewSet(ApiView):
    staff_only = True
    parameters = {"list": FindingList}
    shapes = {"list": Listed("findings", FindingSerializer)}

    def list(self, request: Request) -> Response:
        """List what needs attention, the newest first.

        Rules run every five minutes. An object has at most one open finding of a rule; one that is over stays in the history.
        """
        return self.listed(self.mine(Finding.objects.all()))
