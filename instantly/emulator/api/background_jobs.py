"""Emulated background jobs of Instantly: started by other operations, polled by clients."""

from typing import Any

from ..state import rows
from ..state.tables import Row
from .errors import not_found
from .pagination import PAGE, page, split_values
from .routing import Call, Route
from .validation import text

TYPES = (
    "move-leads",
    "import-leads",
    "export-leads",
    "update-warmup-accounts",
    "rename-variable",
    "broadcast-ai-generate",
    "broadcast-website-scrape",
    "import-subscribers-from-crm",
    "resync-subscriber-crm-tags",
)
ENTITIES = ("list", "campaign", "workspace", "broadcast", "subscriber-group-sync", "subscriber-group")


def start_job(call: Call, type: str, **given: Any) -> Row:
    """Start a job; it is pending, and the agenda moves it to in-progress and success."""
    simulation = call.simulation
    job = rows.job(
        simulation.ids.object_id(call.now_ms), call.workspace.id, call.now_ms, type, user_id=call.user_id, **given
    )
    call.workspace.jobs.add(job)
    half = simulation.assumptions.job_seconds / 2
    simulation.later(half, "job_step", exactly=True, workspace=call.workspace.id, job=job["id"], progress=50)
    return {**job}  # a copy, because the row changes


def list_jobs(call: Call) -> Any:
    query = call.query
    wanted = set(split_values(query.get("ids")) + split_values(query.get("included_ids")))
    unwanted, entities, statuses = (
        set(split_values(query.get(name))) for name in ("excluded_ids", "entity_id", "status")
    )

    def keep(row: Row) -> bool:
        return (
            (not wanted or row["id"] in wanted)
            and row["id"] not in unwanted
            and (not entities or row.get("entity_id") in entities)
            and (not statuses or row["status"] in statuses)
            and row["type"] == query.get("type", row["type"])
            and row.get("entity_type") == query.get("entity_type", row.get("entity_type"))
        )

    ascending = query.get("sort_order") == "asc"
    return page(call, call.workspace.jobs, keep, newest_first=False if ascending else None)


def get(call: Call) -> Row:
    row = call.workspace.jobs.get(call.params["id"])
    if row is None:
        raise not_found()
    if fields := split_values(call.query.get("data_fields")):
        return {**row, "data": {name: value for name, value in (row.get("data") or {}).items() if name in fields}}
    return row


LIST = {
    **PAGE,
    **{name: text() for name in ("ids", "included_ids", "excluded_ids", "entity_id", "status")},
    "type": text(choices=TYPES),
    "entity_type": text(choices=ENTITIES),
    "sort_column": text(choices=("created_at", "updated_at")),
    "sort_order": text(choices=("asc", "desc")),
}
ROUTES = (
    Route("GET", "/background-jobs", "background-jobs:read", list_jobs, query=LIST),
    Route("GET", "/background-jobs/{id}", "background-jobs:read", get, query={"data_fields": text()}),
)
