"""Admin page of contacts, each with its timeline of events."""

from datetime import datetime
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.admin.base import MergedPaginator, StaffAdmin, badge, link, read_only_fields
from accounts.models import AuditEntry
from messaging.event_words import event_in_words, interest
from messaging.models import Contact, ContactVariables, Event, Suppression
from messaging.verdicts import set_verdict

TIMELINE = 50
"""Events of a contact that its page shows; the event list has all."""


class HasFilter(admin.SimpleListFilter):
    """Filter by events of a contact (replied, bounced …): each is a date that is set or not."""

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


class ContactPaginator(MergedPaginator):
    order = ("email",)


@admin.register(Contact)
class ContactAdmin(StaffAdmin):
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
    list_filter = ["organization", HasFilter]
    list_select_related = ["organization"]
    search_fields = ["email__startswith", "company__istartswith", "last_name__istartswith"]
    search_help_text = _("The beginning of an address, a company or a last name.")
    paginator = ContactPaginator
    sortable_by = ()
    fieldsets = [
        (None, {"fields": ["email", "organization", "first_name", "last_name", "company", "phone", "website"]}),
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

    @admin.display(description=_("may be written to"))
    def suppressed(self, contact: Contact) -> SafeString:
        """Show every suppression of the address, active or lifted, with links."""
        entries = Suppression.objects.filter(organization=contact.organization_id, email=contact.email)
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
        own: dict[str, Any] = {"organization": contact.organization_id, "contact": contact, "copy_of": None}
        events = Event.objects.filter(**own).select_related("campaign")
        rows = events.defer("campaign__raw", "campaign__sequences").order_by("-happened_at", "-id")[:TIMELINE]
        return format_html(
            '<table class="sb-timeline"><tbody>{}</tbody></table>',
            format_html_join(
                "",
                "<tr><td>{}</td><td>{}</td><td>{}</td></tr>",
                ((f"{e.happened_at:%Y-%m-%d %H:%M}", event_in_words(e.type, e.detail), e.campaign or "") for e in rows),
            ),
        )


def _rating(verdict: str | None) -> str | Promise:
    return interest(verdict) if verdict else _("no rating")
