"""Status changes of emulated campaigns: by callers, on completion, by unhealthy email accounts."""

from .. import event_recorder
from ..simulation import Simulation
from ..state.rows import update_row
from ..state.tables import Row
from ..state.vocabulary import ACCOUNTS_UNHEALTHY, ACTIVE, COMPLETED
from ..state.workspaces import Workspace


def set_status(simulation: Simulation, workspace: Workspace, campaign: Row, status: int) -> None:
    update_row(campaign, simulation.clock.now_ms(), status=status)
    workspace.campaigns_changed()


def complete_campaign(simulation: Simulation, workspace: Workspace, campaign: Row) -> None:
    set_status(simulation, workspace, campaign, COMPLETED)
    event_recorder.record_event(simulation, workspace, "campaign_completed", campaign=campaign)


def recheck_health(simulation: Simulation, workspace: Workspace) -> None:
    """Set campaigns to "Accounts Unhealthy" if all their accounts have errors, and back to active if one recovers."""
    for campaign in workspace.campaigns:
        if campaign["status"] not in (ACTIVE, ACCOUNTS_UNHEALTHY):
            continue
        accounts = [account for email in campaign["email_list"] if (account := workspace.accounts.get(email))]
        unhealthy = bool(accounts) and all(account["status"] < 0 for account in accounts)
        status = ACCOUNTS_UNHEALTHY if unhealthy else ACTIVE
        if campaign["status"] != status:
            set_status(simulation, workspace, campaign, status)
