"""Simulated incidents independent of mails: email accounts fail and recover, enrichments complete."""

from .. import event_recorder
from ..simulation import Simulation
from ..state.clock import iso
from ..state.tables import Row
from ..state.vocabulary import ACTIVE
from ..state.workspaces import Workspace
from .campaign_status import recheck_health

# (account status, then the fields of status_message)
ACCOUNT_ERRORS = (
    (-1, "EAUTH", "AUTH PLAIN", "535-5.7.8 Username and Password not accepted", 535),
    (-2, "EENVELOPE", "RCPT TO", "452-4.2.2 The recipient's inbox is out of storage space", 452),
    (-3, "EENVELOPE", "DATA", "550-5.4.5 Daily user sending limit exceeded", 550),
)


def fail_account(simulation: Simulation) -> None:
    """Make a random healthy account fail for a while; never the last healthy one of a workspace."""
    rng, habits = simulation.rng, simulation.habits
    simulation.later(habits.account_trouble_every, "account_trouble")
    spaces = [space for space in simulation.workspaces.values() if len(_healthy(space)) > 1]
    if not spaces:
        return
    space = rng.choice(spaces)
    account = rng.choice(_healthy(space))
    status, code, command, response, number = rng.choice(ACCOUNT_ERRORS)
    message = {
        "code": code,
        "command": command,
        "response": response,
        "e_message": f"error: {response.lower()}",
        "responseCode": number,
    }
    account.update(status=status, status_message=message, timestamp_updated=iso(simulation.clock.now_ms()))
    event_recorder.record_event(simulation, space, "account_error", sender=account["email"])
    recheck_health(simulation, space)
    simulation.later(habits.account_heals_after, "account_heals", workspace=space.id, email=account["email"])


def recover_account(simulation: Simulation, workspace: str, email: str) -> None:
    space = simulation.workspaces.get(workspace)
    account = space.accounts.get(email) if space else None
    if space and account and account["status"] < 0:
        account.update(status=ACTIVE, timestamp_updated=iso(simulation.clock.now_ms()))
        account.pop("status_message", None)
        recheck_health(simulation, space)


def complete_enrichment(simulation: Simulation) -> None:
    simulation.later(simulation.habits.enrichment_every, "enrichment")
    if simulation.workspaces:
        space = simulation.rng.choice(list(simulation.workspaces.values()))
        event_recorder.record_event(simulation, space, "supersearch_enrichment_completed")


def _healthy(space: Workspace) -> list[Row]:
    return [account for account in space.accounts if account["status"] == ACTIVE]
