"""`/contacts`: page of contacts, by address, name or company, filtered by status."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from messaging.across_organizations import in_order, page_of_keys
from messaging.events import INTERESTS
from messaging.models import Contact, ScoringSettings
from messaging.web import words
from messaging.web.day_filter import bounds_of_days, day_field
from messaging.web.scoped import OutreachView
from salesbrain.kernel import fast_reads
from salesbrain.web.lists import MOST_ROWS, Column, ListView

HAPPENED = (
    ("", _("Anything happened")), ("replied", _("Has replied")), ("meeting", _("Meeting booked")), ("bounced", _("Bounced")),
    ("unsubscribed", _("Unsubscribed")), ("complained", _("Reported as spam")), ("suppressed", _("Must not be written to")),
)  # fmt: skip


BANDS = ("A1", "A2", "A3", "B1", "B2", "B3", "C1", "C2", "C3", "1", "2", "3")


class ContactFilter(forms.Form):
    query = forms.CharField(
        label=_("Name, address or company"), max_length=200, required=False, widget=forms.TextInput({"type": "search"})
    )
    happened = forms.ChoiceField(label=_("What happened"), choices=HAPPENED, required=False)
    interest = forms.ChoiceField(label=_("Interest"), required=False)
    since = day_field(_("Last reply from"))
    until = day_field(_("to (UTC)"))
    band = forms.CharField(
        label=_("Score"), max_length=2, required=False, widget=forms.TextInput({"size": 4, "list": "bands"})
    )
    campaign = forms.UUIDField(label=_("Campaign"), required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("query", "band"):
            self.fields[name].widget.attrs["placeholder"] = self.fields[name].label
        self.fields["interest"].choices = [  # type: ignore[attr-defined]
            ("", _("Any interest")), *((str(kind), words.EVENTS[kind]) for kind in sorted(INTERESTS, key=list(words.EVENTS).index)),
        ]  # fmt: skip


class ContactListView(OutreachView, ListView):
    template_name = "messaging/contacts.html"
    title = _("Contacts")
    navigation_name = "contacts"
    form_class = ContactFilter
    orders = ("-updated_at", "email", "updated_at", "-points")
    file_name = "contacts"
    columns = (
        Column(_("Email"), "email"), Column(_("First name"), "first_name"), Column(_("Last name"), "last_name"),
        Column(_("Company"), "company"),
        Column(_("Interest"), "verdict"), Column(_("Score"), "band"), Column(_("Score points"), "points"),
        Column(_("First seen"), "first_seen_at"), Column(_("Replied"), "replied_at"), Column(_("Last reply"), "last_reply_at"),
        Column(_("Meeting booked"), "meeting_at"), Column(_("Bounced"), "bounced_at"), Column(_("Unsubscribed"), "unsubscribed_at"),
        Column(_("Last change"), "updated_at"),
    )  # fmt: skip

    def filtered(self, filters: dict[str, Any]) -> Any:
        """Narrow contacts by the same filters as the API's list."""
        contacts: Any = Contact.objects.all()
        if query := filters.get("query"):
            contacts = contacts.matching(query)
        if interest := filters.get("interest"):
            contacts = contacts.with_interest(interest)
        if band := filters.get("band"):
            contacts = contacts.in_band(band.upper())
        if campaign := filters.get("campaign"):
            contacts = contacts.of_campaign(campaign)
        since, until = bounds_of_days(filters)
        if since or until:
            contacts = contacts.last_replied(since, until)
        if happened := filters.get("happened"):
            contacts = (
                contacts.suppressed()
                if happened == "suppressed"
                else contacts.filter(**{f"{happened}_at__isnull": False})
            )
        return contacts

    def rows(self, filters: dict[str, Any], order: str, offset: int, limit: int) -> Iterable[Any]:
        contacts = self.filtered(filters)
        if order.endswith("points"):
            contacts = contacts.with_score().filter(points__isnull=False)
        columns = (order, "pk")
        keys = page_of_keys(contacts, self.organizations, order=columns, offset=offset, limit=limit)
        return in_order(Contact.objects.with_verdict().with_score().with_last_reply(), keys)

    def order(self) -> str:
        """Return the chosen order; by score only where the score predicts."""
        order = super().order()
        return order if not order.endswith("points") or self.may_sort_by_score else self.orders[0]

    @cached_property
    def may_sort_by_score(self) -> bool:
        return len(self.organizations) == 1 and self.own(ScoringSettings).filter(predicts=True).exists()

    def described(self, form: forms.Form) -> dict[str, Any]:
        return {**super().described(form), "may_sort_by_score": self.may_sort_by_score, "bands": BANDS}

    def count(self, filters: dict[str, Any]) -> int:
        mine = self.filtered(filters).filter(organization_id__in=self.organizations)
        return fast_reads.count(mine, up_to=MOST_ROWS + 1)
