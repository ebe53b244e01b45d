"""`/contacts`: page of contacts, by address, name or company, filtered by status."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from messaging.across_organizations import in_order, page_of_keys
from messaging.models import Contact, ScoringSettings
from messaging.models.contact_search import contacts_containing, count_contacts_containing
from messaging.web import words
from messaging.web.contact_filter import BANDS, ContactFilter
from messaging.web.day_filter import bounds_of_days
from messaging.web.row_links import PEOPLE
from messaging.web.scoped import OutreachView
from salesbrain.kernel import db, fast_reads
from salesbrain.kernel.addresses import searched
from salesbrain.web.figures import calendar_day
from salesbrain.web.lists import MOST_ROWS, Column, ListView


class ContactListView(OutreachView, ListView):
    template_name = "messaging/contacts.html"
    title = _("Contacts")
    navigation_name = "contacts"
    form_class = ContactFilter
    orders = ("-updated_at", "email", "updated_at", "-points")
    file_name = "contacts"
    finds_many = False  # the words of the search are in more contacts than are looked up by id
    _filtered: Any = None
    columns = (
        Column(_("Email"), "email"), Column(_("First name"), "first_name"), Column(_("Last name"), "last_name"),
        Column(_("Company"), "company"),
        Column(_("Interest"), "verdict_words"), Column(_("Score"), "band"), Column(_("Score points"), "points"),
        Column(_("First seen"), "first_seen_at"), Column(_("Replied"), "replied_at"), Column(_("Last reply"), "last_reply_at"),
        Column(_("Meeting booked"), "meeting_at"), Column(_("Bounced"), "bounced_at"), Column(_("Unsubscribed"), "unsubscribed_at"),
        Column(_("Last change"), "updated_at"),
    )  # fmt: skip

    def filtered(self, filters: dict[str, Any]) -> Any:
        """Return the contacts that match the filters; the search index is queried once per request."""
        if self._filtered is None:
            self._filtered = self.narrowed(filters)
        return self._filtered

    def narrowed(self, filters: dict[str, Any]) -> Any:
        """Narrow contacts by the same filters as the API's list."""
        contacts: Any = Contact.objects.all()
        if query := filters.get("query"):
            found = contacts_containing(searched(query))
            self.finds_many = found is None
            contacts = contacts.containing(query, found)
        if interest := filters.get("interest"):
            contacts = contacts.with_interest(interest)
        if band := filters.get("band"):
            contacts = contacts.in_band(band.upper())
        if figure := filters.get("figure"):
            since, until = bounds_of_days(
                {"since": filters.get("counted_since"), "until": filters.get("counted_until")}
            )
            contacts = contacts.with_event(
                PEOPLE[figure], since=since, until=until, campaign_id=filters.get("campaign"), email_account=filters.get("account")
            )  # fmt: skip
        elif campaign := filters.get("campaign"):
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
        elif self.finds_many:
            db.disable_sort()
        columns = (order, "pk")
        keys = page_of_keys(contacts, self.organizations, order=columns, offset=offset, limit=limit)
        found = in_order(Contact.objects.with_verdict().with_score().with_last_reply(), keys)
        return [written(row) for row in found] if self.writes_csv else found

    def badges(self, filters: dict[str, Any]) -> list[str]:
        figure = str(words.FIGURES[filters["figure"]][0]) if "figure" in filters else ""
        days = [calendar_day(filters[name]) for name in ("counted_since", "counted_until") if name in filters]
        counted = ", ".join(part for part in (figure, " – ".join(dict.fromkeys(days))) if part)
        narrowed = [*self.campaign_names(filters), *([filters["account"]] if "account" in filters else [])]
        return [*([counted] if counted else []), *narrowed]

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
        if set(filters) == {"query"} and len(self.organizations) == 1:
            counted = count_contacts_containing(searched(filters["query"]), up_to=MOST_ROWS + 1)
            if counted is not None:
                return counted
        mine = self.filtered(filters).filter(organization_id__in=self.organizations)
        return fast_reads.count(mine, up_to=MOST_ROWS + 1)


def written(contact: Any) -> Any:
    """Add the words of the CSV file to a contact: its interest."""
    contact.verdict_words = str(words.interest(contact.verdict))
    return contact
