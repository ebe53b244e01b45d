"""Admin page of contacts: a sentence on each, links to what belongs to it, timeline of events."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.admin.base import LOOKED_AT, MergedPaginator, StaffAdmin, badge, link, read_only_fields
from accounts.admin.readable import ReadableMixin, joined, list_links, plain_link
from accounts.models import AuditEntry
from messaging.event_words import event_in_words, interest
from messaging.models import Contact, ContactVariables, Conversation, Event, Suppression
from messaging.verdicts import set_verdict
from salesbrain.web.figures import day

TIMELINE = 50
"""Events of a contact that its page shows; the event list has all."""


class HasFilter(admin.SimpleListFilter):
    """Filter contacts by the events they have (replied, bounced …); each is a date column that is set or NULL."""

    title = _("what happened")
    parameter_name = "happened"
    DATES = {
        "replied": _("Replied"),
        "bounced": _("Bounced"),
        "unsubscribed": _("Unsubscribed"),
        "complained": _("Reported as spam"),
        "meeting": _("Meeting booked"),
    }

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(name, str(label)) for name, label in self.DATES.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Contact]) -> QuerySet[Contact] | None:
        return queryset.filter(**{f"{self.value()}_at__isnull": False}) if self.value() in self.DATES else None


HAPPENED: Sequence[tuple[str, Promise | str]] = (
    ("complained_at", _("Reported a mail as spam on %(day)s.")),
    ("unsubscribed_at", _("Unsubscribed on %(day)s.")),
    ("bounced_at", _("A mail came back on %(day)s.")),
    ("meeting_at", _("A meeting was booked on %(day)s.")),
    ("replied_at", _("Replied first on %(day)s.")),
)
"""Events that a contact's sentence names, the most important first."""


class ContactPaginator(MergedPaginator):
    order = ("email",)


@admin.register(Contact)
class ContactAdmin(ReadableMixin, StaffAdmin):
    names_people = True
    list_display = [
        "email",
        "name",
        "company",
        "organization",
        "interest_badge",
        "replied",
        "bounced",
        "unsubscribed",
        "updated_at",
    ]
    list_filter = ["organization", HasFilter, "updated_at"]
    windowed = ("updated_at",)
    list_select_related = ["organization"]
    search_fields = ["email__startswith", "company__istartswith", "last_name__istartswith"]
    search_help_text = _("The beginning of an address, a company or a last name.")
    paginator = ContactPaginator
    sortable_by = ()
    fieldsets = [
        (None, {"fields": ["email", "organization", "first_name", "last_name", "company", "phone", "website", "look"]}),
        (_("Interest"), {
            "fields": ["staff_interest", "staff_interest_at", "interest", "interest_at", "staff_verdicts"],
            "description": _("Our staff's rating counts before the provider's until it is cleared."),
        }),
        (_("What happened"), {
            "fields": ["suppressed", "timeline", "first_seen_at", "replied_at", "bounced_at", "unsubscribed_at", "complained_at",
                       "meeting_at"],
        }),
        (_("Variables"), {"classes": ["collapse"], "fields": ["variables"]}),
        (_("Details"), {"classes": ["collapse"], "fields": ["id", "named_at", "created_at", "updated_at"]}),
    ]  # fmt: skip
    readonly_fields = [
        *read_only_fields(Contact, without=["staff_interest"]),
        "timeline",
        "variables",
        "suppressed",
        "staff_verdicts",
        "look",
    ]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse creation: contacts come from events; their keys are computed from organization and address."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse deletion: a person is erased by the command erase_contact, which covers all tables."""
        return False

    def save_model(self, request: HttpRequest, obj: Contact, form: Any, change: bool) -> None:
        """Save the staff verdict only, because the worker writes the same row concurrently."""
        set_verdict(obj, obj.staff_interest, now=timezone.now(), actor=request.user)  # type: ignore[arg-type]  # staff are Users

    @admin.display(description=_("name"))
    def name(self, contact: Contact) -> str:
        return contact.name

    @admin.display(description=_("replied"), ordering="replied_at")
    def replied(self, contact: Contact) -> datetime | None:
        return contact.replied_at

    @admin.display(description=_("bounced"), ordering="bounced_at")
    def bounced(self, contact: Contact) -> datetime | None:
        return contact.bounced_at

    @admin.display(description=_("unsubscribed"), ordering="unsubscribed_at")
    def unsubscribed(self, contact: Contact) -> datetime | None:
        return contact.unsubscribed_at

    @admin.display(description=_("interest"))
    def interest_badge(self, contact: Contact) -> SafeString | str:
        verdict = contact.staff_interest or contact.interest
        if not verdict:
            return ""
        tone = (
            "good"
            if verdict in ("lead_interested", "lead_meeting_booked", "lead_meeting_completed", "lead_closed")
            else "quiet"
        )
        return badge(interest(verdict), tone)

    def newest(self, params: dict[str, Any]) -> Q:
        """Return the condition for the contacts changed last, by the index of their organization, or for those of the newest events."""
        organization = params.get("organization__id__exact")
        if organization is None:
            return Q(pk__in=Event.objects.order_by("-id").values("contact_id")[:LOOKED_AT])
        own = Contact.objects.filter(organization=organization)
        return Q(pk__in=own.order_by("-updated_at", "id").values("pk")[:LOOKED_AT])

    def sentence(self, contact: Contact) -> SafeString:
        """Return sentences on the contact: name, most important event, interest, and whether they may be written to."""
        who = {"name": contact.name or contact.email, "company": contact.company}
        told = ((getattr(contact, name), words) for name, words in HAPPENED)
        happened = next((words % {"day": day(at)} for at, words in told if at), gettext("Has not replied yet."))
        rated = contact.staff_interest or contact.interest
        return joined(
            format_html("<strong>{}</strong>.", gettext("%(name)s at %(company)s") % who if who["company"] else who["name"]),
            happened,
            gettext("Rated: %(interest)s.") % {"interest": interest(rated)} if rated else "",
            gettext("May not be written to.") if any(entry.is_in_force for entry in self._suppressions(contact)) else "",
        )  # fmt: skip

    def _suppressions(self, contact: Any) -> list[Suppression]:
        """Return the suppressions of the address, read once for a page."""
        if not hasattr(contact, "suppressions_read"):
            found = Suppression.objects.filter(organization=contact.organization_id, email=contact.email)
            contact.suppressions_read = list(found)
        return contact.suppressions_read

    @admin.display(description=_("look at"))
    def look(self, contact: Contact) -> SafeString:
        """Return links to the conversation, if there is one, and to the lists of the contact's messages and events."""
        own = f"organization__id__exact={contact.organization_id}&contact__id__exact={contact.pk}"
        lists = list_links([("messaging_message", own, _("Messages")), ("messaging_event", own, _("Events"))])
        talks = Conversation.objects.filter(organization=contact.organization_id, pk=contact.pk).exists()
        inbox = plain_link(reverse("conversation", args=[contact.pk]), _("Conversation in the inbox")) if talks else ""
        return format_html("{} · {}", lists, inbox) if inbox else lists

    @admin.display(description=_("may be written to"))
    def suppressed(self, contact: Contact) -> SafeString:
        """Return every suppression of the address, active or lifted, as links."""
        entries = self._suppressions(contact)
        shown = format_html_join(
            " ",
            "{} {}",
            ((link(e, e.get_reason_display()), "" if e.is_in_force else gettext("(lifted)")) for e in entries),
        )
        no = any(entry.is_in_force for entry in entries)
        return format_html("{} {}", badge(_("No"), "bad") if no else badge(_("Yes"), "good"), shown)

    @admin.display(description=_("staff verdicts"))
    def staff_verdicts(self, contact: Contact) -> SafeString | str:
        verdicts = AuditEntry.objects.filter(
            action="contact.verdict", target_type=contact._meta.label_lower, target_id=str(contact.pk)
        )
        return format_html_join(
            "",
            "<div>{} {}: {} → {}</div>",
            (
                (f"{e.at:%Y-%m-%d %H:%M}", e.actor_name, *map(_rating, (e.detail["from"], e.detail["to"])))
                for e in verdicts[:TIMELINE]
            ),
        )

    @admin.display(description=_("variables"))
    def variables(self, contact: Contact) -> SafeString | str:
        """Show the custom variables of the contact, as of the last nightly run."""
        known = ContactVariables.objects.filter(organization=contact.organization_id, pk=contact.pk).first()
        rows = sorted(known.variables.items()) if known else []
        return format_html_join("", "<div>{}: {}</div>", rows)

    @admin.display(description=_("timeline"))
    def timeline(self, contact: Contact) -> SafeString:
        """Show the latest events, each linked with its mail (or itself) and its campaign."""
        own: dict[str, Any] = {"organization": contact.organization_id, "contact": contact, "copy_of": None}
        events = Event.objects.filter(**own).select_related("campaign")
        rows = events.defer("campaign__raw", "campaign__sequences").order_by("-happened_at", "-id")[:TIMELINE]
        return format_html(
            '<table class="sb-timeline"><tbody>{}</tbody></table>',
            format_html_join(
                "",
                "<tr><td>{}</td><td>{}</td><td>{}</td></tr>",
                ((f"{e.happened_at:%Y-%m-%d %H:%M}", event_link(e), link(e.campaign)) for e in rows),
            ),
        )


def event_link(event: Event) -> SafeString:
    """Return the event in words, as a link to the page of its mail or, without a mail, to its own page."""
    page, key = ("message", event.message_id) if event.message_id else ("event", event.pk)
    return plain_link(reverse(f"admin:messaging_{page}_change", args=[key]), event_in_words(event.type, event.detail))


def _rating(verdict: str | None) -> str | Promise:
    return interest(verdict) if verdict else _("no rating")
