"""Users: staff with a role, customers with memberships. Passwords go through Django's own forms and are never shown."""

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.http import HttpRequest

from accounts.admin.base import StaffAdmin
from accounts.admin.organizations import MembershipInline
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
        ("What they may do", {"fields": ["role", "is_active"]}),
        ("Dates", {"fields": ["id", "last_login", "created_at"]}),
    ]
    add_fieldsets = [
        (None, {"classes": ["wide"], "fields": ["email", "name", "role", "usable_password", "password1", "password2"]})
    ]
    inlines = [MembershipInline]

    def get_inlines(self, request: HttpRequest, obj: User | None) -> list[type[MembershipInline]]:
        return [MembershipInline] if obj else []
