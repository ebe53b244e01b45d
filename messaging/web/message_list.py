"""`/messages`: page of mails sent and received, newest first, updated live."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from messaging import search
from messaging.across_organizations import in_order, page_of_keys
from messaging.choices import Direction
from messaging.models import Event, Message
from messaging.replies import SHOWN, with_category
from messaging.search import SearchQuery
from messaging.web import poll, words
from messaging.web.day_filter import bounds_of_days, day_field
from messaging.web.scoped import OutreachView
from salesbrain.kernel import fast_reads
from salesbrain.web.lists import MOST_ROWS, Column, ListView

DIRECTIONS = (("", _("Sent and received")), (Direction.OUT, _("Sent")), (Direction.IN, _("Received")))
DATES = ("opened_at", "clicked_at", "replied_at", "bounced_at", "sent_at")


class MessageFilter(forms.Form):
    query = forms.CharField(
        label=_("Words, names, addresses"), max_length=200, required=False, widget=forms.TextInput({"type": "search"})
    )
    direction = forms.ChoiceField(label=_("Direction"), choices=DIRECTIONS, required=False)
    status = forms.ChoiceField(label=_("Status"), required=False)
    since = day_field(_("From (UTC)"))
    until = day_field(_("To (UTC)"))
    campaign = forms.UUIDField(required=False, widget=forms.HiddenInput, label=_("Campaign"))
    account = forms.CharField(required=False, widget=forms.HiddenInput, label=_("Email account"), max_length=300)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["query"].widget.attrs["placeholder"] = self.fields["query"].label
        self.fields["status"].choices = [("", _("Any status")), *words.MESSAGE_STATUS.items()]  # type: ignore[attr-defined]


class MessageListView(OutreachView, ListView):
    template_name = "messaging/messages.html"
    title = _("Messages")
    navigation_name = "messages"
    form_class = MessageFilter
    orders = ("-happened_at", "happened_at")
    file_name = "messages"
    columns = (
        Column(_("Time"), "happened_at"), Column(_("Direction"), "direction"), Column(_("Status"), "status"),
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
        since, until = bounds_of_days(filters)
        if since:
            messages = messages.filter(happened_at__gte=since)
        if until:
            messages = messages.filter(happened_at__lt=until)
        if query := filters.get("query"):
            assert self.organization is not None
            hits = search.newest(SearchQuery(query, organization_id=self.organization.id), limit=search.COUNTED)
            messages = messages.filter(pk__in=[hit.id for hit in hits])
        return messages

    def rows(self, filters: dict[str, Any], order: str, offset: int, limit: int) -> Iterable[Any]:
        keys = page_of_keys(
            self.filtered(filters), self.organizations, order=(order, "-pk"), offset=offset, limit=limit
        )
        return in_order(
            with_category(Message.objects.all()).select_related("contact", "campaign").only(*SHOWN, *DATES), keys
        )

    def count(self, filters: dict[str, Any]) -> int:
        mine = self.filtered(filters).filter(organization_id__in=self.organizations)
        return fast_reads.count(mine, up_to=MOST_ROWS + 1)

    def described(self, form: forms.Form) -> dict[str, Any]:
        user: Any = self.request.user
        assert self.organization is not None
        # The latest and not the maximum: over many organizations PostgreSQL reads all their events for that.
        numbered = self.own(Event).filter(position__isnull=False).order_by("-position")
        position = numbered.values_list("position", flat=True).first() or 0
        return {**super().described(form), "poll": poll.address(user, self.organization), "position": position}
