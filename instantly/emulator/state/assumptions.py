"""What nobody outside Instantly knows, each with a name, a value and where the value comes from.

The vendor publishes neither its retry schedule nor its timeouts nor a dozen other things a faithful stand-in has to
decide. Every such decision is a field here, so that a test can turn it and a reader can find it; nothing unknown is
decided anywhere else.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Assumptions:
    """Named, documented, changeable. Seconds unless the name says otherwise."""

    # Pages
    default_page: int = 10  # seen on the live service by an operator; the vendor's document names no default
    page_over_100: Literal["empty", "reject", "clamp"] = "empty"  # seen twice: limit > 100 gives an empty list
    newest_first: bool = True  # order of lists; documented only for leads (by id) and emails (newest first)
    cursor_on_last_full_page: bool = False  # True: a cursor also comes with a full last page and leads to an empty one

    # Delivering
    delivery_timeout: float = 10.0  # third-party text claims 0.5 s or 10 s; no basis for either
    retry_delays: tuple[float, ...] = (3.0, 8.0, 18.0)  # "3 times within 30 seconds" (third-party text)
    disable_after_failures: int = 50  # events in a row that failed for good; threshold unpublished
    log_while_disabled: bool = False  # no attempt, no row: nobody saw what the log shows for that time
    delivery_log_kept: int = 20_000  # rows per workspace; retention unpublished
    emails_kept: int = 50_000  # mails per workspace, ours alone: a demo that runs for weeks must not grow for ever

    # Payloads
    email_id_on_sent_mails: bool = False  # documented by the vendor, in no capture; replies always carry it
    lead_variables_win: bool = False  # whose value stands if a lead variable has a documented key's name

    # The service around it
    requests_per_second: int = 100  # documented, per workspace
    requests_per_minute: int = 6_000  # documented; one operator believes 600
    email_lists_per_minute: int = 20  # documented for GET /emails
    test_mails_per_minute: int = 10  # documented for POST /emails/test
    retry_after_on_429: int | None = None  # documented for OAuth only, so none
    interest_quiet_seconds: float = 600.0  # documented: changes within 10 minutes add no analytics event
    job_seconds: float = 2.0  # how long a background job takes
    obeys_schedules: bool = False  # real campaigns do; a demo that sleeps at night shows nothing
    obeys_daily_limits: bool = False  # likewise

    def with_(self, **changes: Any) -> "Assumptions":
        """A copy with some fields changed. Raises ValueError naming a field that does not exist."""
        known = {field.name for field in fields(self)}
        if unknown := sorted(set(changes) - known):
            raise ValueError(f"No such assumption: {', '.join(unknown)}. There are: {', '.join(sorted(known))}.")
        if isinstance(changes.get("retry_delays"), list):
            changes["retry_delays"] = tuple(changes["retry_delays"])
        return replace(self, **changes)

    def as_dict(self) -> Mapping[str, Any]:
        return {field.name: getattr(self, field.name) for field in fields(self)}
