"""Kinds of staff actions: work, permission, and whether running one again is harmless."""

from collections.abc import Callable
from dataclasses import dataclass

from instantly.actions import works
from instantly.choices import ActionKind
from instantly.models import StaffAction


@dataclass(frozen=True, slots=True)
class Action:
    """A kind of action: its work and the permission it needs. `repeatable`: running it again changes nothing more."""

    work: Callable[[StaffAction], works.Outcome]
    permission: str
    repeatable: bool = True


CHANGE, DELETE = "campaigns.change_campaign", "campaigns.delete_campaign"
ACCOUNTS, CONNECTIONS = "accounts.change_emailaccount", "instantly.add_staffaction"
"""An operator may not change a connection, but may sync and try it."""

ACTIONS: dict[ActionKind, Action] = {
    ActionKind.CAMPAIGN_CREATE: Action(works.create_campaign, CHANGE, repeatable=False),
    ActionKind.CAMPAIGN_CHANGE: Action(works.change_campaign, CHANGE),
    ActionKind.CAMPAIGN_ACTIVATE: Action(works.activate_campaign, CHANGE),
    ActionKind.CAMPAIGN_PAUSE: Action(works.pause_campaign, CHANGE),
    ActionKind.CAMPAIGN_DUPLICATE: Action(works.duplicate_campaign, CHANGE, repeatable=False),
    ActionKind.CAMPAIGN_DELETE: Action(works.delete_campaign, DELETE),
    ActionKind.CAMPAIGN_ASSIGN: Action(works.assign_campaign, CHANGE),
    ActionKind.LEADS_ADD: Action(works.add_leads, CHANGE),  # who is in the campaign already is skipped
    ActionKind.LEAD_DELETE: Action(works.delete_lead, DELETE, repeatable=False),
    ActionKind.ACCOUNT_PAUSE: Action(works.pause_email_account, ACCOUNTS),
    ActionKind.ACCOUNT_RESUME: Action(works.resume_email_account, ACCOUNTS),
    ActionKind.ACCOUNT_ASSIGN: Action(works.assign_email_account, ACCOUNTS),
    ActionKind.SYNC: Action(works.sync, CONNECTIONS),
    ActionKind.TEST: Action(works.test_connection, CONNECTIONS),
    ActionKind.WEBHOOK: Action(works.register_webhook, CONNECTIONS),
    ActionKind.DRIFT: Action(works.compare_totals, CONNECTIONS),
}
