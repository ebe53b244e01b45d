"""`/`: overview page of the outreach of one organization or, for staff, of all."""

from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext_lazy as _

from accounts.models import EmailAccount
from campaigns.models import Campaign
from messaging.models import DailyStats, Event, Message
from messaging.web import poll
from messaging.web.inbox_words import feed_words
from messaging.web.news_words import news_sentence
from messaging.web.overview_data import ACCOUNTS, TILES, Sources, load_overview
from messaging.web.scoped import OutreachView


class OverviewView(OutreachView):
    template_name = "messaging/overview.html"
    title = _("Overview")
    navigation_name = "overview"
    statements = 16

    def get(self, request: HttpRequest) -> HttpResponseBase:
        user: Any = request.user
        assert self.organization is not None
        sources = Sources(
            self.own(Campaign), self.own(EmailAccount), self.own(Message), self.own(Event), self.own(DailyStats),
            organizations=self.organizations, is_of_one=self.organization.id is not None, shows_texts=not user.is_staff,
        )  # fmt: skip
        found = load_overview(sources, now=self.now)
        return self.render(
            {
                "overview": found,
                "figures": TILES,
                "sentence": news_sentence(found.news),
                "facts_words": feed_words(facts, self.now) if (facts := self.facts) else "",
                "troubled": found.troubled[:ACCOUNTS],
                "more_troubled": len(found.troubled) - ACCOUNTS,
                **self.goals(),
                "poll": poll.address(user, self.organization),
            }
        )
