"""Admin page of users: staff with a role, customers with memberships."""

from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts import second_factor
from accounts.admin.base import StaffAdmin
from accounts.admin.organizations import OrganizationInline
from accounts.models import User


class UserCreation(AdminUserCreationForm):
    class Meta:
        model = User
        fields = ["email", "name", "role"]
        field_classes: dict[str, type] = {}

    def clean_email(self) -> str:
        return self.cleaned_data["email"].strip().lower()


class UserChange(UserChangeForm):
    class Meta:
        model = User
        fields = ["email", "name", "role", "is_active"]
        field_classes: dict[str, type] = {}

    def clean_email(self) -> str:
        return self.cleaned_data["email"].strip().lower()


@admin.register(User)
class UserAdmin(StaffAdmin, DjangoUserAdmin):
    audited_values = ("role", "is_active")
    form = UserChange
    add_form = UserCreation
    list_display = ["email", "name", "role", "is_active", "last_login", "created_at"]
    list_filter = ["role", "is_active"]
    search_fields = ["email", "name"]
    ordering = ["email"]
    filter_horizontal = []
    readonly_fields = ["id", "last_login", "created_at"]
    fieldsets = [
        (None, {"fields": ["email", "name", "password"]}),
        (_("What they may do"), {"fields": ["role", "is_active"]}),
        (_("Dates"), {"fields": ["id", "last_login", "created_at"]}),
    ]
    add_fieldsets = [
        (None, {"classes": ["wide"], "fields": ["email", "name", "role", "usable_password", "password1", "password2"]})
    ]
    inlines = [OrganizationInline]
    actions = ["reset_second_factor"]

    def has_reset_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("accounts.change_user"))

    @admin.action(
        description=_("Take the second factor away (a new one is set up at the next login)"), permissions=["reset"]
    )
    def reset_second_factor(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        for user in queryset:
            if second_factor.reset(user):
                self.audit(request, "reset_second_factor", user)
                self.message_user(
                    request, gettext("%(user)s sets up a new second factor at the next login.") % {"user": user}
                )
            else:
                self.message_user(request, gettext("%(user)s has no second factor.") % {"user": user}, messages.WARNING)

    def get_inlines(self, request: HttpRequest, obj: User | None) -> list[type[OrganizationInline]]:
        return [OrganizationInline] if obj else []
