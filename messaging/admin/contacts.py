"""Contacts with what happened to them, and the addresses nobody may write to."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from accounts.admin.base import BoundedPaginator, StaffAdmin, badge, read_only_fields
from messaging import erasure
from messaging.choices import SuppressionReason
from messaging.models import Contact, Event, Suppression

TIMELINE = 50
"""Events of a contact that its page shows; the event list has all."""


class HasFilter(admin.SimpleListFilter):
    """By what happened to a contact: each is a date that is there or not."""

    title = "what happened"
    parameter_name = "happened"
    DATES = ("replied", "bounced", "unsubscribed", "complained", "meeting")

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(word, word.capitalize()) for word in self.DATES]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Contact]) -> QuerySet[Contact] | None:
        return queryset.filter(**{f"{self.value()}_at__isnull": False}) if self.value() in self.DATES else None


@admin.register(Contact)
class ContactAdmin(StaffAdmin):
    names_people = True
    list_display = [
        "email",
        "name",
        "company",
        "organization",
        "says",
        "replied_at",
        "bounced_at",
        "unsubscribed_at",
        "updated_at",
    ]
    list_filter = ["organization", HasFilter]
    list_select_related = ["organization"]
    search_fields = ["email__startswith", "company__istartswith", "last_name__istartswith"]
    search_help_text = "The beginning of an address, a company or a last name."
    paginator = BoundedPaginator
    fieldsets = [
        (None, {"fields": ["email", "organization", "first_name", "last_name", "company", "phone", "website"]}),
        ("Interest", {
            "fields": ["interest", "interest_at", "staff_interest", "staff_interest_at"],
            "description": "What we say beats what the provider says, until it is cleared.",
        }),
        ("What happened", {
            "fields": ["timeline", "first_seen_at", "replied_at", "bounced_at", "unsubscribed_at", "complained_at", "meeting_at"],
        }),
        ("Details", {"classes": ["collapse"], "fields": ["id", "named_at", "created_at", "updated_at"]}),
    ]  # fmt: skip
    readonly_fields = [*read_only_fields(Contact, without=["staff_interest"]), "timeline"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Contacts come from events: their keys are computed from whose they are and their address."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A person is erased by the command erase_contact, which knows every place."""
        return False

    def save_model(self, request: HttpRequest, obj: Contact, form: Any, change: bool) -> None:
        """Save our verdict only: the worker writes the same row all the time."""
        obj.staff_interest = obj.staff_interest or None
        obj.staff_interest_at = timezone.now() if obj.staff_interest else None
        obj.save(update_fields=["staff_interest", "staff_interest_at", "updated_at"])

    @admin.display(description="interest")
    def says(self, contact: Contact) -> SafeString | str:
        verdict = contact.staff_interest or contact.interest
        if not verdict:
            return ""
        tone = (
            "good"
            if verdict in ("lead_interested", "lead_meeting_booked", "lead_meeting_completed", "lead_closed")
            else "quiet"
        )
        return badge(verdict.removeprefix("lead_").replace("_", " ").capitalize(), tone)

    @admin.display(description="timeline")
    def timeline(self, contact: Contact) -> SafeString:
        events = Event.objects.filter(organization=contact.organization_id, contact=contact).select_related("campaign")
        rows = events.defer("campaign__raw", "campaign__sequences").order_by("-happened_at", "-id")[:TIMELINE]
        return format_html(
            '<table class="sb-timeline"><tbody>{}</tbody></table>',
            format_html_join(
                "",
                "<tr><td>{}</td><td>{}</td><td>{}</td></tr>",
                ((f"{e.happened_at:%Y-%m-%d %H:%M}", e.type.replace("_", " "), e.campaign or "") for e in rows),
            ),
        )


class SuppressionForm(forms.ModelForm):
    class Meta:
        model = Suppression
        fields = ["organization", "email", "detail", "lift_reason"]

    def clean_email(self) -> str:
        return str(forms.EmailField().clean(self.cleaned_data["email"])).lower()

    def clean(self) -> dict[str, Any]:
        """The reason is not typed, so Django does not check what is unique together with it."""
        data = super().clean() or {}
        if self.instance._state.adding and {"organization", "email"} <= data.keys():
            there = Suppression.objects.filter(
                organization=data["organization"], email=data["email"], reason=SuppressionReason.MANUAL
            )
            if erasure.aliases([(data["organization"].pk, data["email"])]):
                raise forms.ValidationError(
                    "This person was erased from this organization. The address is refused already."
                )
            if there.exists():
                raise forms.ValidationError(
                    "This address is already entered for this organization. If its entry was lifted, clear the reason there."
                )
        return data


@admin.register(Suppression)
class SuppressionAdmin(StaffAdmin):
    """Staff enter an address by hand, and lift an entry by saying why. Rows stay: a later event puts them in force again."""

    form = SuppressionForm
    names_people = True
    list_display = ["email", "organization", "reason", "in_force", "first_at", "last_at", "lifted_at", "lifted_by"]
    list_filter = ["organization", "reason", "last_at"]
    list_select_related = ["organization"]
    search_fields = ["email__startswith"]
    autocomplete_fields = ["organization"]
    paginator = BoundedPaginator

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [*read_only_fields(Suppression)] if obj else ["organization", "email", "detail"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Who was erased stays refused: there is no address left that could be written to."""
        if obj is None:
            return []
        return read_only_fields(Suppression, without=[] if obj.reason == SuppressionReason.ERASED else ["lift_reason"])

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Suppression, form: Any, change: bool) -> None:
        now = timezone.now()
        if not change:
            obj.reason, obj.first_at, obj.last_at = SuppressionReason.MANUAL, now, now
            obj.save()
            return
        obj.lifted_at, obj.lifted_by = (now, str(request.user)) if obj.lift_reason else (None, "")
        obj.save(update_fields=["lift_reason", "lifted_at", "lifted_by", "updated_at"])

    @admin.display(description="in force", boolean=True)
    def in_force(self, suppression: Suppression) -> bool:
        return suppression.lifted_at is None or suppression.last_at > suppression.lifted_at
