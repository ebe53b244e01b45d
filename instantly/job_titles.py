"""Titles of jobs, as pages and findings show them."""

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

TITLES: dict[str, "_StrPromise"] = {
    "instantly.tasks.sync_all": _("Sync campaigns and email accounts of every workspace"),
    "instantly.tasks.reconcile_all": _("Gap repair: fetch deliveries that did not arrive"),
    "instantly.tasks.walk_leads": _("Gap repair of inbox and leads"),
    "instantly.tasks.retry_stalled": _("Run jobs of killed processes again"),
    "instantly.tasks.watch_queue": _("Watch how long deliveries wait"),
    "instantly.tasks.learn_triage": _("Learn from corrected categories"),
    "instantly.tasks.build_conversations": _("Build conversations after an upgrade"),
    "instantly.tasks.update_findings": _("Look for findings"),
    "instantly.tasks.count_leads": _("Count the leads that are left"),
    "instantly.tasks.settle_replies": _("Find out what became of replies"),
    "instantly.tasks.apply_retention": _("Retention: remove what is kept no longer"),
    "instantly.tasks.remove_organizations": _("Remove organizations"),
    "messaging.tasks.send_digests": _("Send digests"),
    "messaging.tasks.score_contacts": _("Score contacts"),
}
"""Title of each scheduled job, by the name of its task."""

REQUESTED: dict[str, "_StrPromise"] = {
    "instantly.tasks.sync_one": _("Sync a workspace"),
    "instantly.tasks.reconcile_one": _("Gap repair of a workspace"),
    "instantly.tasks.perform_action": _("Staff action"),
    "instantly.tasks.send_reply": _("Send a reply"),
    "instantly.tasks.mark_read_there": _("Mark a conversation as read at Instantly"),
    "messaging.tasks.send_digest": _("Send a digest"),
    "messaging.tasks.score_organization": _("Score an organization's contacts"),
    "messaging.tasks.replay_triage": _("Replay triage in the reply lab"),
    "accounts.tasks.send_invitation": _("Send an invitation"),
    "accounts.tasks.send_password_reset": _("Send a password reset link"),
}
"""By task, of jobs that a person or another job asks for."""
