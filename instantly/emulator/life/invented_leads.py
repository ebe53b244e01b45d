"""Generate leads for demo campaigns, so that they never run out of people to contact."""

from typing import Any

from ..simulation import Simulation
from ..state import rows
from ..state.tables import Row
from ..state.workspaces import SendingState, Workspace
from . import people
from .sequences import add_to_sequence


def add_invented_lead(simulation: Simulation, workspace: Workspace, campaign: Row) -> Row:
    """Add a new lead to a campaign; returns its row."""
    sending = workspace.sending[campaign["id"]]
    simulation.invented_leads += 1
    person = people.invent(simulation.rng, sending.language, simulation.invented_leads)
    now_ms = simulation.clock.now_ms()
    lead = rows.lead(
        simulation.ids.v7(now_ms),
        person.email,
        workspace.id,
        now_ms,
        campaign=campaign["id"],
        upload_method="manual",
        custom_variables=_variables(sending, simulation.invented_leads),
        **person.as_lead(),
    )
    workspace.leads.add(lead)
    add_to_sequence(workspace, lead)
    return lead


def _variables(sending: SendingState, number: int) -> dict[str, Any]:
    return {
        name: value.format(number=number) if isinstance(value, str) else value
        for name, value in sending.extra_variables.items()
    }
