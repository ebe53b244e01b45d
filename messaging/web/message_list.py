"""`/messages`: page of mails sent and received, newest first, updated live."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from messaging import search
from messaging.across_organizations import in_order, page_of_keys
from messaging.models import Event, Message
from messaging.replies import SHOWN, with_category
from messaging.search import SearchQuery
from messaging.web import poll, words
from messaging.web.day_filter import bounds_of_days
from messaging.web.message_filter import DIRECTIONS, SEARCHED, MessageFilter
from messaging.web.row_links import MAILS, OF_CAMPAIGNS
from messaging.web.scoped import OutreachView
from salesbrain.kernel import fast_reads
from salesbrain.web.lists import MOST_ROWS, Column, ListView

DATES = ("opened_at", "clicked_at", "replied_at", "bounced_at", "sent_at")


class MessageListView(OutreachView, ListView):
    template_name = "messaging/messages.html"
    title = _("Messages")
    navigation_name = "messages"
    form_class = MessageFilter
    orders = ("-happened_at", "happened_at")
    file_name = "messages"
    _hits: list[UUID] | None = None
    columns = (
        Column(_("Time"), "happened_at"), Column(_("Direction"), "direction_words"), Column(_("Status"), "status_words"),
        Column(_("Contact"), "contact.email"), Column(_("Subject"), "subject"), Column(_("Campaign"), "campaign.name"),
        Column(_("Step"), "step"), Column(_("Variant"), "variant"), Column(_("Email account"), "email_account"),
    )  # fmt: skip

    def filtered(self, filters: dict[str, Any]) -> Any:
        messages: Any = Message.objects.all()
        for name, lookup in (("direction", "direction"), ("campaign", "campaign_id"), ("account", "email_account")):
            if name in filters:
                messages = messages.filter(**{lookup: filters[name]})
        if status := filters.get("status"):
            messages = messages.with_status(status)
        dated = "happened_at"
        if figure := filters.get("figure"):
            dated, counted = MAILS[figure]
            messages = messages.filter(counted & OF_CAMPAIGNS, **{f"{dated}__isnull": False})
        since, until = bounds_of_days(filters)
        if since:
            messages = messages.filter(**{f"{dated}__gte": since})
        if until:
            messages = messages.filter(**{f"{dated}__lt": until})
        if "query" in filters:
            messages = messages.filter(pk__in=self.hits(filters))
        return messages

    def hits(self, filters: dict[str, Any]) -> list[UUID]:
        """Return the mails that the search finds, newest first, at most COUNTED + 1; queried once per request."""
        if self._hits is None:
            assert self.organization is not None
            since, until = bounds_of_days(filters) if "figure" not in filters else (None, None)
            asked = SearchQuery(
                filters["query"], organization_id=self.organization.id, campaign_id=filters.get("campaign"),
                direction=filters.get("direction"), since=since, until=until,
            )  # fmt: skip
            self._hits = [hit.id for hit in search.newest(asked, limit=search.COUNTED + 1)]
        return self._hits

    def is_searched_alone(self, filters: dict[str, Any]) -> bool:
        """Return whether the search covers all filters of the list: then its hits are the rows."""
        return len(self.organizations) == 1 and "query" in filters and set(filters) <= SEARCHED

    def most(self, filters: dict[str, Any]) -> int:
        return search.COUNTED if self.is_searched_alone(filters) else super().most(filters)

    def rows(self, filters: dict[str, Any], order: str, offset: int, limit: int) -> Iterable[Any]:
        if self.is_searched_alone(filters):
            hits = self.hits(filters)[: search.COUNTED]
            keys = (hits if order.startswith("-") else hits[::-1])[offset : offset + limit]
        else:
            keys = page_of_keys(
                self.filtered(filters), self.organizations, order=(order, "-pk"), offset=offset, limit=limit
            )
        found = in_order(
            with_category(Message.objects.all()).select_related("contact", "campaign").only(*SHOWN, *DATES), keys
        )
        return [written(row) for row in found] if self.writes_csv else found

    def count(self, filters: dict[str, Any]) -> int:
        if self.is_searched_alone(filters):
            return len(self.hits(filters))
        mine = self.filtered(filters).filter(organization_id__in=self.organizations)
        return fast_reads.count(mine, up_to=MOST_ROWS + 1)

    def badges(self, filters: dict[str, Any]) -> list[str]:
        figure = [str(words.FIGURES[filters["figure"]][0])] if "figure" in filters else []
        return [*figure, *self.campaign_names(filters), *([filters["account"]] if "account" in filters else [])]

    def described(self, form: forms.Form) -> dict[str, Any]:
        user: Any = self.request.user
        assert self.organization is not None
        # The latest and not the maximum: over many organizations PostgreSQL reads all their events for that.
        numbered = self.own(Event).filter(position__isnull=False).order_by("-position")
        position = numbered.values_list("position", flat=True).first() or 0
        return {**super().described(form), "poll": poll.address(user, self.organization), "position": position}


def written(message: Any) -> Any:
    """Add the words of the CSV file to a message: its direction, and its status as on the page."""
    message.direction_words = str(dict(DIRECTIONS)[message.direction])
    message.status_words = str(
        words.category(message.category) if message.category else words.MESSAGE_STATUS[message.status]
    )
    return message
