"""Store mails in an emulated workspace's mailbox, within the retention limit."""

from ..simulation import Simulation
from ..state.tables import Row
from ..state.workspaces import Workspace


def store_mail(simulation: Simulation, workspace: Workspace, mail: Row) -> None:
    """Store a mail; drop the oldest ones once there are 5 % more than ``emails_kept``."""
    workspace.emails.add(mail)
    limit = simulation.assumptions.emails_kept
    if len(workspace.emails) > limit * 1.05:
        workspace.emails.forget_oldest(limit)
