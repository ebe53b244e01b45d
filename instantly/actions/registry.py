"""Table of all staff actions: a new action is a row here, its work, and a form if it needs input.

The rows of a target are in the order its page offers them.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from django.utils.translation import gettext_lazy as _

from accounts.choices import EmailAccountStatus
from accounts.models import EmailAccount, ProviderConnection
from campaigns.choices import CampaignStatus
from campaigns.models import Campaign
from instantly.actions import assignment, domains, forms, works
from instantly.actions.action import Action, Target, UnknownAction
from instantly.actions.promotion import works as promotion
from instantly.models import StaffAction

CHANGE, DELETE = "campaigns.change_campaign", "campaigns.delete_campaign"
ACCOUNTS, CONNECTIONS = "accounts.change_emailaccount", "instantly.add_staffaction"
"""Permissions of actions on accounts and connections: operators may sync and test a connection, not change it."""

ROWS = (
    Action(
        kind="campaign_create", label=_("Create a campaign"), target=Campaign, work=works.create_campaign, permission=CHANGE,
        form=forms.CreateForm, repeatable=False,
    ),
    Action(
        kind="campaign_activate", label=_("Activate"), target=Campaign, work=works.activate_campaign, permission=CHANGE,
        warning=_("They start or resume sending."), undo="campaign_pause", leaves=CampaignStatus.ACTIVE.label,
    ),
    Action(
        kind="campaign_pause", label=_("Pause"), target=Campaign, work=works.pause_campaign, permission=CHANGE,
        warning=_("They send nothing until they are activated again."), undo="campaign_activate", leaves=CampaignStatus.PAUSED.label,
    ),
    Action(
        kind="campaign_change", label=_("Rename or change"), target=Campaign, work=works.change_campaign, permission=CHANGE,
        warning=_("Empty fields are left unchanged."), form=forms.ChangeForm,
    ),
    Action(
        kind="campaign_duplicate", label=_("Duplicate"), target=Campaign, work=works.duplicate_campaign, permission=CHANGE,
        form=forms.DuplicateForm, repeatable=False,
    ),
    Action(
        kind="campaign_assign", label=_("Assign to an organization"), target=Campaign, work=works.assign_campaign,
        permission=CHANGE, form=forms.AssignForm, undo="campaign_assign",
    ),
    Action(  # repeatable: who is in the campaign already is skipped
        kind="leads_add", label=_("Add leads"), target=Campaign, work=works.add_leads, permission=CHANGE, form=forms.LeadsForm,
    ),
    Action(
        kind="lead_delete", label=_("Delete a lead"), target=Campaign, work=works.delete_lead, permission=DELETE,
        warning=_("The lead gets no more mail from this campaign. Their history stays here."), form=forms.LeadDeleteForm,
        repeatable=False,
    ),
    Action(
        kind="campaign_delete", label=_("Delete at Instantly"), target=Campaign, work=works.delete_campaign, permission=DELETE,
        warning=_("They are permanently deleted at Instantly. Here they stay, with their history."),
    ),
    Action(
        kind="account_pause", label=_("Pause"), target=EmailAccount, work=works.pause_email_account, permission=ACCOUNTS,
        warning=_("They send nothing until they are resumed."), undo="account_resume", leaves=EmailAccountStatus.PAUSED.label,
    ),
    Action(
        kind="account_resume", label=_("Resume"), target=EmailAccount, work=works.resume_email_account, permission=ACCOUNTS,
        undo="account_pause", leaves=EmailAccountStatus.ACTIVE.label,
    ),
    Action(
        kind="account_assign", label=_("Assign to an organization"), target=EmailAccount, work=works.assign_email_account,
        permission=ACCOUNTS, form=forms.AssignForm, undo="account_assign",
    ),
    Action(  # repeatable: what was moved already is found by its time
        kind="campaigns_assign", label=_("Assign campaigns"), target=ProviderConnection, work=assignment.assign_campaigns,
        permission=CHANGE, form=forms.OwnPageForm,
    ),
    Action(  # repeatable: each step asks Instantly whether it was done, and the journal says by whom
        kind=promotion.PROMOTE, label=_("Promote a customer"), target=ProviderConnection, work=promotion.promote,
        permission=CHANGE, form=forms.OwnPageForm,
    ),
    Action(
        kind=promotion.UNDO, label=_("Undo a promotion"), target=ProviderConnection, work=promotion.promote,
        permission=CHANGE, form=forms.OwnPageForm,
    ),
    Action(
        kind=promotion.CHECK, label=_("Check a promotion"), target=ProviderConnection, work=promotion.check,
        permission=CHANGE, form=forms.OwnPageForm,
    ),
    Action(
        kind="domain_check", label=_("Check the domain"), target=EmailAccount, work=domains.check_account_domain, permission=ACCOUNTS,
        form=None,
    ),
    Action(
        kind="sync", label=_("Sync now"), target=ProviderConnection, work=works.sync, permission=CONNECTIONS, form=None,
    ),
    Action(
        kind="test", label=_("Test connection"), target=ProviderConnection, work=works.test_connection,
        permission=CONNECTIONS, form=None,
    ),
    Action(
        kind="webhook", label=_("Register webhook"), target=ProviderConnection, work=works.register_webhook,
        permission=CONNECTIONS,
        warning=_("A subscription to all events is created or corrected, with the connection's secret."),
    ),
    Action(
        kind="drift", label=_("Compare stats with Instantly"), target=ProviderConnection, work=works.compare_totals,
        permission=CONNECTIONS, form=None,
    ),
)  # fmt: skip


def table(rows: Iterable[Action]) -> Mapping[str, Action]:
    """Return the rows by kind. Raises ValueError for a repeated kind or an undo action that does not exist."""
    found: dict[str, Action] = {}
    for row in rows:
        if row.kind in found:
            raise ValueError(f"Two actions are called {row.kind}.")
        found[row.kind] = row
    for row in found.values():
        if row.undo and (row.undo not in found or found[row.undo].target is not row.target):
            raise ValueError(f"{row.kind} is taken back by {row.undo}, which is no action on the same rows.")
    return MappingProxyType(found)


ACTIONS = table(ROWS)
StaffAction.labels = {kind: action.label for kind, action in ACTIONS.items()}  # the models are below the table


def action_of(kind: str) -> Action:
    """Return the action of this kind. Raises UnknownAction."""
    try:
        return ACTIONS[kind]
    except KeyError:
        raise UnknownAction(f"There is no action {kind!r}; there are {', '.join(ACTIONS)}.") from None


def offered_on(target: Target) -> list[Action]:
    """Return the actions that can be applied to chosen rows of this table, in order."""
    return [action for action in ACTIONS.values() if action.target is target and action.is_for_rows]
