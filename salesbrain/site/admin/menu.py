"""Menu of the admin by task instead of by app."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Section = tuple[str, Promise | str, tuple[str, ...]]

SECTIONS: tuple[Section, ...] = (
    ("today", _("Today"), ("Finding", "StaffAction")),
    ("customers", _("Customers"), ("Organization", "Membership", "Invitation")),
    ("campaigns", _("Campaigns"), ("Campaign", "DailyStats")),
    ("email-accounts", _("Email accounts"), ("EmailAccount",)),
    ("people", _("People"), ("Contact", "Suppression")),
    ("messages", _("Messages"), ("Message", "Event")),
    ("feed", _("Feed"), ("Delivery", "Pending", "Held", "SyncRun", "Alert")),
)
SETTINGS = (
    "ProviderConnection", "User", "AuthToken", "AssignmentRule", "ProcrastinateJob", "AuditEntry", "AccessEntry",
)  # fmt: skip
"""First entries of the last section; models that no section names follow them, so that every page is reachable."""
PAGES: Mapping[str, tuple[tuple[Promise | str, str], ...]] = {
    "today": ((_("Dashboard"), "admin:index"), (_("Inbox"), "inbox")),
    "customers": ((_("Promote customers"), "admin:promotions"), (_("Conflict radar"), "admin:conflicts")),
    "campaigns": ((_("Assign campaigns"), "admin:assignment"),),
    "settings": ((_("Jobs and schedule"), "admin:jobs"),),
}
"""Pages that are no list of rows, by section; those of today come before its lists, the others behind."""


def by_task(apps: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return Django's list of apps regrouped into sections, each with the models the person may see; empty ones are left out."""
    models: dict[str, Any] = {model["object_name"]: model for app in apps for model in app["models"]}
    named = {name for _key, _label, names in SECTIONS for name in names}
    rest = sorted(set(models) - named - set(SETTINGS), key=lambda name: str(models[name]["name"]))
    found = []
    for key, label, names in (*SECTIONS, ("settings", _("Settings"), (*SETTINGS, *rest))):
        own = [models[name] for name in names if name in models]
        pages = [_page(name, route) for name, route in PAGES.get(key, ())]
        own = [*pages, *own] if key == "today" else [*own, *pages]
        if own:
            found.append(
                {
                    "name": label,
                    "app_label": key,
                    "app_url": own[0]["admin_url"],
                    "has_module_perms": True,
                    "models": own,
                }
            )
    return found


def _page(name: Promise | str, route: str) -> dict[str, Any]:
    """Return the menu entry of a page that is no list of rows, in the form of Django's menu."""
    return {
        "name": name,
        "object_name": str(route).replace(":", "-"),
        "perms": {"view": True},
        "admin_url": f"{reverse(route)}?",  # the menu marks what the address begins with, and all begin with this one
        "add_url": None,
        "view_only": True,
        "model": None,
    }
