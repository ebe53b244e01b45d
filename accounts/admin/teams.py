"""Read-only admin pages of team invitations and of the access log of conversations."""

from django.contrib import admin

from accounts.admin.base import BoundedPaginator, ReadOnlyAdmin
from accounts.models import AccessEntry, Invitation


@admin.register(Invitation)
class InvitationAdmin(ReadOnlyAdmin):
    """Admin page of invitations, without the digest of the link's secret."""

    names_people = True
    list_display = [
        "email",
        "organization",
        "role",
        "invited_by_name",
        "created_at",
        "expires_at",
        "accepted_at",
        "revoked_at",
    ]
    list_filter = ["organization", "created_at"]
    list_select_related = ["organization"]
    search_fields = ["email"]
    fields = [
        "email", "organization", "role", "language", "invited_by_name", "created_at", "sent_at", "expires_at", "accepted_at", "revoked_at",
    ]  # fmt: skip


@admin.register(AccessEntry)
class AccessEntryAdmin(ReadOnlyAdmin):
    list_display = ["at", "organization", "actor_name", "party", "action", "conversation_id"]
    list_filter = ["at", "party", "action"]
    list_select_related = ["organization"]
    search_fields = ["actor_name", "=conversation_id"]
    paginator = BoundedPaginator
    fields = ["at", "organization", "actor_name", "party", "action", "conversation_id"]
