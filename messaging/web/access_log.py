"""Page of an organization's access log, for owners: who read or answered which conversation."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext_lazy as _

from accounts.models import AccessEntry
from accounts.permissions import Permission, member_may
from accounts.web.settings_pages import SettingsView
from messaging.models import Contact
from salesbrain.web import organizations

PAGE = 50


class AccessLogView(SettingsView):
    """Page of the access log, newest first, with a link to older entries. Entries of a deleted contact have no name."""

    template_name = "messaging/access_log.html"
    title = _("Access log")
    section = "access_log"
    needs_organization = True

    def get(self, request: HttpRequest) -> HttpResponseBase:
        if self.scope is None or self.scope.organization_id is None:  # staff who look at all organizations
            return self.render({"choose": True})
        if not member_may(self.scope.member_role, Permission.READ_ACCESS_LOG):
            raise PermissionDenied
        entries = list(self.entries(request.GET.get("before", ""))[: PAGE + 1])
        contacts = Contact.objects.in_bulk({entry.conversation_id for entry in entries})
        rows = [(entry, contacts.get(entry.conversation_id)) for entry in entries[:PAGE]]
        return self.render({"rows": rows, "before": entries[PAGE - 1].pk if len(entries) > PAGE else None})

    def entries(self, before: str) -> Any:
        """Return the entries older than the one named in the URL; all if it is not this organization's."""
        entries = AccessEntry.objects.order_by("-at", "-id")
        last = entries.filter(pk=organizations.parse(before)).first() if before else None
        if last is None:
            return entries
        return entries.filter(at__lte=last.at).exclude(at=last.at, pk__gte=last.pk)
