"""Progress of emulated background jobs: half-way, then done."""

from ..simulation import Simulation
from ..state.clock import iso


def advance_job(simulation: Simulation, workspace: str, job: str, progress: int) -> None:
    space = simulation.workspaces.get(workspace)
    row = space.jobs.get(job) if space else None
    if row is None:
        return
    done = progress >= 100
    updated_at = iso(simulation.clock.now_ms())
    row.update(progress=progress, status="success" if done else "in-progress", updated_at=updated_at)
    if not done:
        half = simulation.assumptions.job_seconds / 2
        simulation.later(half, "job_step", exactly=True, workspace=workspace, job=job, progress=100)
