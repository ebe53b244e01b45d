"""Settings of follow-ups over the API: public holidays of the organization, the caller's daily digest."""

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import mails
from accounts.api.parameters import InOneOrganization
from accounts.api.team_views import InOrganization
from messaging.api import errors  # noqa: F401  says how this app's refusals are answered
from messaging.follow_ups import business_calendar, subscriptions
from messaging.follow_ups.business_calendar import COUNTRIES
from salesbrain import rls
from salesbrain.api.request_bodies import Body, StrictBoolean, Text


class CountryBody(Body):
    country = serializers.ChoiceField(
        choices=["", *COUNTRIES], help_text="Its public holidays are no business days; empty: Monday to Friday."
    )
    subdivision = Text(
        max_length=20, allow_blank=True, required=False, default="", help_text="Code of a part of it, such as BY; empty: none."
    )  # fmt: skip


class Holiday(serializers.Serializer):
    day = serializers.DateField()
    name = serializers.CharField()


class FollowUpSettingsSerializer(serializers.Serializer):
    """Whose public holidays are no business days, and those of the next twelve months on weekdays."""

    organization_id = serializers.UUIDField(help_text="Whose they are.")
    country = serializers.CharField(allow_blank=True)
    subdivision = serializers.CharField(allow_blank=True)
    holidays = Holiday(many=True)


class FollowUpSettingsViewSet(InOrganization):
    tag = "Customers"
    outside = ("update",)
    rates = {"update": "write"}
    parameters = {"retrieve": InOneOrganization, "update": InOneOrganization}
    bodies = {"update": CountryBody}
    shapes = {"retrieve": FollowUpSettingsSerializer, "update": FollowUpSettingsSerializer}

    def retrieve(self, request: Request) -> Response:
        """The country whose public holidays follow-ups avoid."""
        return self._shown()

    def update(self, request: Request) -> Response:
        """Set the country whose public holidays follow-ups avoid.

        For owners.
        """
        scope, user = self.caller
        business_calendar.set_country(scope, by=user, now=timezone.now(), **self.body(request))
        return self._shown()

    def _shown(self) -> Response:
        scope, user = self.caller
        with rls.scope(scope):
            held = business_calendar.country_of(scope.organization)
        today = timezone.now().astimezone(user.zone()).date()
        coming = business_calendar.coming_holidays(held, today=today)
        return Response(
            {
                "organization_id": str(scope.organization),
                "country": held.code,
                "subdivision": held.subdivision,
                "holidays": [{"day": day.isoformat(), "name": name} for day, name in coming],
            }
        )


class DigestBody(Body):
    subscribed = StrictBoolean()


class DigestSerializer(serializers.Serializer):
    """The caller's daily digest of follow-ups by mail."""

    organization_id = serializers.UUIDField(help_text="Of which organization.")
    subscribed = serializers.BooleanField()
    mails_are_sent = serializers.BooleanField(help_text="false: this installation sends no mails, so none comes.")


class DigestViewSet(InOrganization):
    tag = "Customers"
    outside = ("update",)
    rates = {"update": "write"}
    parameters = {"retrieve": InOneOrganization, "update": InOneOrganization}
    bodies = {"update": DigestBody}
    shapes = {"retrieve": DigestSerializer, "update": DigestSerializer}

    def retrieve(self, request: Request) -> Response:
        """Whether the caller gets the daily digest of follow-ups."""
        return self._shown()

    def update(self, request: Request) -> Response:
        """Subscribe the caller to the daily digest, or end it.

        To subscribe is for members and owners. It comes on working days from 7 in the reader's time zone, if something is to be done.
        """
        scope, user = self.caller
        service = subscriptions.subscribe if self.body(request)["subscribed"] else subscriptions.unsubscribe
        service(scope, by=user, now=timezone.now())
        return self._shown()

    def _shown(self) -> Response:
        scope, user = self.caller
        with rls.scope(scope):
            subscribed = subscriptions.is_subscribed(scope, user)
        return Response(
            {
                "organization_id": str(scope.organization),
                "subscribed": subscribed,
                "mails_are_sent": mails.are_sent(),
            }
        )
