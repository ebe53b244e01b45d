"""Probe of every read-only endpoint of Instantly: one timed call each; a failure is a result."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from enum import IntEnum
from typing import Any, get_args

from pydantic import ValidationError

from instantly import schemas
from instantly.client import OPERATIONS, InstantlyClient, Operation
from instantly.client.errors import Forbidden, InstantlyError

V1_DEPRECATED = (
    "API v1 is not probed: Instantly deprecated it on 2026-01-19, and keys of v1 and v2 are not interchangeable."
)

MODELS: dict[str, type[schemas.Answer]] = {
    "current_workspace": schemas.Workspace,
    "workspace_group_members": schemas.WorkspaceGroupMember,
    "plan_details": schemas.PlanDetails,
    "api_keys": schemas.ApiKey,
    "custom_tags": schemas.CustomTag,
    "background_jobs": schemas.BackgroundJob,
    "campaigns": schemas.Campaign,
    "campaign": schemas.Campaign,
    "campaign_sending_status": schemas.SendingStatus,
    "campaign_analytics": schemas.CampaignAnalytics,
    "campaign_analytics_overview": schemas.CampaignOverview,
    "campaign_analytics_daily": schemas.CampaignDay,
    "campaign_analytics_steps": schemas.CampaignStep,
    "email_accounts": schemas.EmailAccount,
    "email_account": schemas.EmailAccount,
    "email_account_analytics_daily": schemas.EmailAccountDay,
    "warmup_analytics": schemas.WarmupAnalytics,
    "leads": schemas.Lead,
    "lead": schemas.Lead,
    "lead_labels": schemas.LeadLabel,
    "emails": schemas.Email,
    "email": schemas.Email,
    "webhooks": schemas.Webhook,
    "webhook": schemas.Webhook,
    "webhook_event_types": schemas.WebhookEventType,
    "webhook_events": schemas.WebhookEvent,
    "webhook_event": schemas.WebhookEvent,
    "webhook_events_summary": schemas.WebhookEventsSummary,
    "webhook_events_by_date": schemas.WebhookEventsDay,
}
"""Model by which each response (or each of its items) is validated; of endpoints without one only the keys are shown."""

FROM_LIST: dict[str, tuple[str, str, str]] = {
    "campaign": ("campaigns", "id", "id"),
    "campaign_sending_status": ("campaigns", "id", "id"),
    "export_campaign": ("campaigns", "id", "id"),
    "email_account": ("email_accounts", "email", "email"),
    "lead": ("leads", "id", "id"),
    "email": ("emails", "id", "id"),
    "webhook": ("webhooks", "id", "id"),
    "webhook_event": ("webhook_events", "id", "id"),
    "background_job": ("background_jobs", "id", "id"),
}
"""For endpoints of one object: the list to take an id from, the field with the id, and the parameter in the path."""

SAMPLE = 25
"""Objects asked for from an endpoint that lists."""


@dataclass
class Probe:
    """Result of calling one read-only endpoint."""

    name: str
    call: str
    scope: str
    outcome: str = "ok"
    detail: str = ""
    milliseconds: int = 0
    shape: str = ""
    items: int | None = None
    unmapped: list[str] = field(default_factory=list)
    unknown_values: dict[str, list[Any]] = field(default_factory=dict)
    misfits: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def timed(step: Callable[[], Any]) -> tuple[Any, int]:
    """Return what the step returned and the milliseconds it took."""
    began = time.perf_counter()
    result = step()
    return result, round((time.perf_counter() - began) * 1000)


def probe_endpoints(client: InstantlyClient) -> Iterator[Probe]:
    """Call every endpoint that changes nothing, lists first, and yield the results. Never raises InstantlyError."""
    firsts: dict[str, Mapping[str, Any]] = {}
    reading = [(name, operation) for name, operation in OPERATIONS.items() if operation.safe]
    for name, operation in sorted(reading, key=lambda pair: pair[0] in FROM_LIST):
        path = _path(name, firsts)
        if path is None:
            source = FROM_LIST[name][0]
            yield Probe(name, str(operation), operation.scope, "skipped", f"there is nothing in {source} to ask for")
            continue
        yield _probe(client, name, operation, path, firsts)


def _path(name: str, firsts: Mapping[str, Mapping[str, Any]]) -> dict[str, str] | None:
    if name not in FROM_LIST:
        return {}
    source, key, parameter = FROM_LIST[name]
    value = firsts.get(source, {}).get(key)
    return {parameter: str(value)} if value else None


def _probe(
    client: InstantlyClient, name: str, operation: Operation, path: dict[str, str], firsts: dict[str, Mapping[str, Any]]
) -> Probe:
    probe = Probe(name, str(operation), operation.scope)
    limit = {"limit": SAMPLE}
    query: dict[str, Any] = dict(limit) if "limit" in operation.query else {}
    body: dict[str, Any] = dict(limit) if operation.body and "limit" in operation.body else {}
    if "emails" in (operation.query if operation.method == "GET" else operation.body or ()):
        address = firsts.get("email_accounts", {}).get("email")
        (query if operation.method == "GET" else body)["emails"] = [address] if address else []
    began = time.perf_counter()
    try:
        answer = client.call(operation, path=path, query=query, body=body)
    except (InstantlyError, ValueError) as error:
        probe.outcome = "forbidden" if isinstance(error, Forbidden) else "failed"
        probe.detail = str(error)
        return probe
    finally:
        probe.milliseconds = round((time.perf_counter() - began) * 1000)
    items = _items(answer)
    if items is not None:
        probe.shape, probe.items = ("list" if isinstance(answer, list) else "page"), len(items)
        if items and isinstance(items[0], dict):
            firsts[name] = items[0]
    else:
        probe.shape = "object" if isinstance(answer, dict) else type(answer).__name__
    _compare(probe, MODELS.get(name), items if items is not None else [answer])
    return probe


def _items(answer: Any) -> list[Any] | None:
    if isinstance(answer, list):
        return answer
    if isinstance(answer, dict):
        return next((answer[name] for name in ("items", "event_types") if isinstance(answer.get(name), list)), None)
    return None


def _compare(probe: Probe, model: type[schemas.Answer] | None, items: list[Any]) -> None:
    """Compare the response with our model: unmapped fields, unknown numbers, items that do not fit."""
    if model is None:
        return
    unmapped: set[str] = set()
    for item in items:
        if not isinstance(item, dict):
            probe.misfits.append(f"a {type(item).__name__} instead of an object")
            continue
        try:
            read = model.read(item)
        except ValidationError as fault:
            probe.misfits.append(f"{model.key_of(item)}: {schemas.reasons(fault)}")
            continue
        unmapped |= set(read.model_extra or {})
        for name, value in _unknown(read):
            known = probe.unknown_values.setdefault(name, [])
            if value not in known:
                known.append(value)
    probe.unmapped = sorted(unmapped)


def _unknown(answer: schemas.Answer) -> Iterator[tuple[str, Any]]:
    for name, described in type(answer).model_fields.items():
        value = getattr(answer, name)
        worded = any(isinstance(kind, type) and issubclass(kind, IntEnum) for kind in get_args(described.annotation))
        if worded and value is not None and not isinstance(value, IntEnum):
            yield name, value
