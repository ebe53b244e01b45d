"""Admin pages of organizations (the agency's customers) and their members."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, QuerySet
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from accounts.admin.base import INDEXED_TEXT, StaffAdmin
from accounts.models import Membership, Organization
from salesbrain.web.figures import number


class MembershipFormSet(BaseInlineFormSet):
    """Formset that gives every field an aria-label, because screen readers do not read the column heads. The user and organization of an
    existing row are shown without a search box, which would query the database for each row.
    """

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        for name in ("user", "organization"):
            if name in form.fields and not form.instance._state.adding:
                chosen = getattr(form.instance, name)
                form.fields[name].widget = forms.Select(choices=[(chosen.pk, str(chosen))])
        for field in form.fields.values():
            if field.label:
                field.widget.attrs.setdefault("aria-label", capfirst(field.label))


class MembershipInline(admin.TabularInline):
    """Members of an organization."""

    model = Membership
    formset = MembershipFormSet
    fields = ["user", "role", "since"]
    readonly_fields = ["since"]
    autocomplete_fields = ["user"]
    extra = 0

    def get_queryset(self, request: HttpRequest) -> QuerySet[Membership]:
        return super().get_queryset(request).select_related("user", "organization")

    @admin.display(description=_("since"))
    def since(self, membership: Membership) -> datetime | str:
        """Show since when the membership exists; empty in the template row for a new one, which JavaScript copies."""
        return "–" if membership._state.adding else membership.created_at


class OrganizationInline(MembershipInline):
    """Organizations of a user."""

    fields = ["organization", "role", "since"]
    autocomplete_fields = ["organization"]


@admin.register(Organization)
class OrganizationAdmin(StaffAdmin):
    list_display = ["name", "slug", "is_active", "is_house", "member_count", "created_at"]
    list_filter = ["is_active", "is_house", "created_at"]
    search_fields = ["name", "slug"]
    formfield_overrides = INDEXED_TEXT
    readonly_fields = ["id", "is_house", "removal_requested_at", "created_at", "updated_at"]
    fields = ["name", "slug", "is_active", "is_house", "removal_requested_at", "id", "created_at", "updated_at"]
    inlines = [MembershipInline]

    def get_prepopulated_fields(self, request: HttpRequest, obj: Organization | None = None) -> dict[str, list[str]]:
        """Fill in the slug from the name for a new organization only: later it must stay, because commands use it."""
        return {} if obj else {"slug": ["name"]}

    def decorate(self, rows: list[Organization]) -> None:
        counts = dict(
            Membership.objects.filter(organization__in=[row.pk for row in rows])
            .order_by()
            .values_list("organization_id")
            .annotate(count=Count("pk"))
        )
        for row in rows:
            row.members = counts.get(row.pk, 0)

    @admin.display(description=_("members"))
    def member_count(self, organization: Organization) -> SafeString | int:
        """Return the number of members, as a link to their list."""
        url = f"{reverse('admin:accounts_membership_changelist')}?organization__id__exact={organization.pk}"
        return format_html('<a href="{}">{}</a>', url, number(organization.members)) if organization.members else 0

    def has_delete_permission(self, request: HttpRequest, obj: Organization | None = None) -> bool:
        """Refuse deletion: an organization is switched off instead, and its data stays."""
        return False


@admin.register(Membership)
class MembershipAdmin(StaffAdmin):
    list_display = ["user", "organization", "role", "created_at"]
    list_filter = ["organization"]
    list_select_related = ["user", "organization"]
    search_fields = ["user__email", "organization__name"]
    autocomplete_fields = ["user", "organization"]
    readonly_fields = ["created_at", "updated_at"]
