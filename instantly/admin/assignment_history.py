"""Table of a campaign's assignments: from whom, to whom, by which rule or by hand, from the audit log."""

from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import AuditEntry, Organization
from campaigns.models import Campaign
from instantly.admin import object_pages

SHOWN = 10


def assignments_of(campaign: Campaign) -> SafeString | str:
    """Return the latest assignments as a table, in two statements; an empty text for none."""
    made = AuditEntry.objects.filter(
        target_type=Campaign._meta.label_lower, target_id=str(campaign.pk), action="campaign.assign"
    )
    entries = list(made.order_by("-at", "-id")[:SHOWN])
    if not entries:
        return ""
    keys = {entry.detail.get(name) for entry in entries for name in ("from", "to")} - {None}
    names = {str(pk): name for pk, name in Organization.objects.filter(pk__in=keys).values_list("pk", "name")}
    rows = (
        (
            f"{entry.at:%Y-%m-%d %H:%M}",
            f"{names.get(entry.detail.get('from'), '–')} → {names.get(entry.detail.get('to'), '–')}",
            _why(entry),
            entry.actor_name,
        )
        for entry in entries
    )
    return object_pages.table([_("when"), _("organization"), _("why"), _("who")], rows)


def _why(entry: AuditEntry) -> str:
    rule = entry.detail.get("rule")
    return gettext("by the rule %(rule)s") % {"rule": rule["name"]} if rule else gettext("by hand")
