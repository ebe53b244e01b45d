"""Assumptions about undocumented behaviour of Instantly, each with a name, a value and its source.

The vendor publishes neither its retry schedule nor its timeouts nor a dozen other details an emulator has to decide.
Every such decision is a field here, so that tests can change it and readers can find it; none is made elsewhere.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Assumptions:
    """Named assumptions. Durations are in seconds unless the name says otherwise."""

    # Pagination
    default_page: int = 10  # seen on the live service by an operator; the vendor's document names no default
    page_over_100: Literal["empty", "reject", "clamp"] = "empty"  # seen twice: limit > 100 gives an empty list
    newest_first: bool = True  # order of lists; documented only for leads (by id) and emails (newest first)
    cursor_on_last_full_page: bool = False  # True: a full last page also has a cursor, which leads to an empty page

    # Deliveries
    delivery_timeout: float = 10.0  # third-party text claims 0.5 s or 10 s; no basis for either
    retry_delays: tuple[float, ...] = (3.0, 8.0, 18.0)  # "3 times within 30 seconds" (third-party text)
    disable_after_failures: int = 50  # consecutive events given up; threshold unpublished
    log_while_disabled: bool = False  # no attempt, no row: the log of a disabled time was never observed
    delivery_log_kept: int = 20_000  # rows per workspace; retention unpublished
    emails_kept: int = 50_000  # mails per workspace; a limit of the emulator only, for demos that run for weeks

    # Payloads
    email_id_on_sent_mails: bool = False  # documented by the vendor, in no capture; replies always have it
    webhook_thread_ids: Literal["own", "same"] = "own"  # captured replies link to f1-… threads, the API documents uuids
    lead_variables_win: bool = False  # True: a lead variable overrides a documented field of the same name

    # Mailbox
    broken_account_refuses: bool = True  # POST /emails/reply from one with an error status; its answer is undocumented
    agent_mail_type: int = 3  # ue_type of a mail that Instantly's own AI agent sent; undocumented
    scheduled_mail_becomes: int = 3  # ue_type of a scheduled mail (4) once it is sent; undocumented

    # Limits and timing
    requests_per_second: int = 100  # documented, per workspace
    requests_per_minute: int = 6_000  # documented; one operator believes 600
    email_lists_per_minute: int = 20  # documented for GET /emails
    test_mails_per_minute: int = 10  # documented for POST /emails/test
    retry_after_on_429: int | None = None  # documented for OAuth only, therefore none
    interest_quiet_seconds: float = 600.0  # documented: changes within 10 minutes add no analytics event
    job_seconds: float = 2.0  # duration of a background job
    obeys_schedules: bool = False  # real campaigns do; a demo that pauses at night shows nothing
    obeys_daily_limits: bool = False  # likewise

    def with_(self, **changes: Any) -> "Assumptions":
        """Return a copy of the assumptions with some fields changed. Raises ValueError that names an unknown field."""
        known = {field.name for field in fields(self)}
        if unknown := sorted(set(changes) - known):
            raise ValueError(f"No such assumption: {', '.join(unknown)}. There are: {', '.join(sorted(known))}.")
        if isinstance(changes.get("retry_delays"), list):
            changes["retry_delays"] = tuple(changes["retry_delays"])
        return replace(self, **changes)

    def as_dict(self) -> Mapping[str, Any]:
        return {field.name: getattr(self, field.name) for field in fields(self)}
