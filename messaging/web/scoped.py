"""Base view of messaging's pages: rows of one organization or, for staff, of all."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404

from accounts.permissions import Permission, member_may
from campaigns.models import Campaign
from messaging import goals
from messaging.inbox.feed_facts import FeedFacts, facts_of
from messaging.models import DailyStats, Goal
from messaging.web.first_sync_words import FirstSyncNotice, arriving_words
from salesbrain.kernel.fast_reads import Source, Where
from salesbrain.web.views import PageView

ASKS_FOR_ARRIVING = "X-Arriving"
"""Header of the request by which the notice of a first sync polls its progress."""


class OutreachView(PageView):
    """Base view of messaging's pages. `own` repeats the condition of the RLS policies, so that PostgreSQL can use it earlier."""

    arriving: FirstSyncNotice | None = None

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Handle the request; make a script that polls the first sync's notice reload the whole page once the sync is complete."""
        response = super().dispatch(request, *args, **kwargs)
        if ASKS_FOR_ARRIVING in request.headers and response.status_code == 200 and self.arriving is None:
            response.headers["HX-Refresh"] = "true"
        return response

    @property
    def today(self) -> date:
        return self.now.date()

    @property
    def now(self) -> datetime:
        return datetime.now(UTC)

    @property
    def organizations(self) -> list[UUID]:
        """Return the ids of the organizations whose rows are shown."""
        assert self.organization is not None
        return [self.organization.id] if self.organization.id else [choice.id for choice in self.organization.choices]

    @property
    def facts(self) -> FeedFacts | None:
        """Return facts of the feed behind the rows; None where no workspace is behind them."""
        return facts_of(self.organizations, now=self.now)

    def own(self, model: type[Model]) -> QuerySet[Any]:
        rows: QuerySet[Any] = model._default_manager.all()
        mine = self.organizations
        return rows.filter(organization_id=mine[0]) if len(mine) == 1 else rows.filter(organization_id__in=mine)

    def own_stats(self) -> Source:
        """Return the daily stats that are shown; of a single organization in the form that is read from its sums by day."""
        mine = self.organizations
        return Where(DailyStats, {"organization_id": mine[0]}) if len(mine) == 1 else self.own(DailyStats)

    def one(self, model: type[Model], key: UUID) -> Any:
        """Return the row with this id; Http404 if it does not exist or belongs to another organization."""
        return get_object_or_404(self.own(model), pk=key)

    def campaign_names(self, filters: Mapping[str, Any]) -> list[str]:
        """Return the name of the campaign that a list is filtered by; none if it is not, or the campaign is not theirs."""
        wanted = filters.get("campaign")
        return list(self.own(Campaign).filter(pk=wanted).values_list("name", flat=True)) if wanted else []

    def goals(self) -> dict[str, Any]:
        """Return the state of this month's goals for the template goals_card; nothing if all organizations are shown."""
        if self.organization is None or self.organization.id is None:
            return {"goals": [], "shows_goals": False}
        month = goals.first_day(self.today)
        stand = goals.progress(self.own(Goal), self.own_stats(), month=month, today=self.today)
        may_set = member_may(self.scope.member_role if self.scope else "", Permission.MANAGE_GOALS)
        return {"goals": stand, "shows_goals": True, "may_set_goals": may_set}

    def context(self) -> dict[str, Any]:
        shows_all = self.organization is not None and self.organization.id is None
        names = (
            {choice.id: choice.name for choice in self.organization.choices} if shows_all and self.organization else {}
        )
        self.arriving = arriving_words(self.facts, self.now) if self.organization is not None else None
        return {**super().context(), "organization_names": names, "arriving": self.arriving}
