"""Admin page of API tokens: list and revoke them, without creating or displaying any."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.models import Group
from django.http import HttpRequest
from django_otp.plugins.otp_static.models import StaticDevice
from knox.models import get_token_model

from accounts.admin.base import ReadOnlyAdmin

Token = get_token_model()

# Libraries' own pages: knox's makes tokens, django_otp's show the secret of every authenticator, groups give nobody anything.
for model in (Token, Group, StaticDevice):
    if admin.site.is_registered(model):
        admin.site.unregister(model)


@admin.register(Token)
class TokenAdmin(ReadOnlyAdmin):
    list_display = ["token_key", "user", "created", "expiry"]
    list_select_related = ["user"]
    search_fields = ["user__email", "token_key__startswith"]
    ordering = ["-created", "digest"]
    fields = ["token_key", "user", "created", "expiry"]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.has_perm("knox.delete_authtoken"))
