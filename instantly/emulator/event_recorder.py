"""Making something happen: one line in the journal, one payload, one delivery to every webhook that wants it.

Everything that happens, be it the simulated life or a caller of the API, goes through ``Chronicle.happen``. That is
why analytics, truth and deliveries cannot disagree.
"""

from .deliveries.payloads import Occurrence, build
from .deliveries.service import Deliveries
from .state.assumptions import Assumptions
from .state.clock import Clock, iso, parse_instant
from .state.journal import Happening
from .state.tables import Row
from .state.vocabulary import INTEREST_EVENTS
from .state.workspaces import Workspace


class Chronicle:
    """Call with the emulator's lock held."""

    def __init__(self, clock: Clock, deliveries: Deliveries, assumptions: Assumptions) -> None:
        self._clock = clock
        self._deliveries = deliveries
        self.assumptions = assumptions

    def happen(
        self,
        workspace: Workspace,
        event_type: str,
        *,
        campaign: Row | None = None,
        lead: Row | None = None,
        sender: str | None = None,
        mail: Row | None = None,
        reply: Row | None = None,
        step: int | None = None,
        variant: int | None = None,
        interest_value: float | None = None,
        counts: bool = True,
    ) -> Happening:
        """Write it down and queue its deliveries. ``mail`` is the sent mail it is about, ``reply`` the answer to it."""
        now_ms = self._clock.now_ms()
        first = self._is_first(workspace, lead, event_type) if sender and lead else None
        shows_id = event_type == "email_sent" and self.assumptions.email_id_on_sent_mails
        occurrence = Occurrence(
            event_type=event_type,
            ms=now_ms,
            workspace_id=workspace.id,
            campaign=campaign,
            lead=lead,
            step=step,
            variant=variant,
            sender=workspace.typed_addresses.get(sender, sender) if sender else None,
            is_first=first,
            mail=mail,
            reply=reply,
            shows_email_id=shows_id,
        )
        payload = build(occurrence, lead_variables_win=self.assumptions.lead_variables_win)
        happening = Happening(
            ms=now_ms,
            event_type=event_type,
            campaign_id=campaign["id"] if campaign else None,
            lead_email=lead["email"] if lead else None,
            step=step,
            variant=variant,
            email_account=sender,
            mail_id=mail["id"] if mail else None,
            email_id=payload.get("email_id"),
            counts=counts,
        )
        workspace.journal.append(happening)
        self._deliveries.enqueue(workspace, payload, happening.campaign_id, interest_value)
        return happening

    def change_interest(
        self, workspace: Workspace, lead: Row, value: float | None, reply: Row | None = None
    ) -> Happening | None:
        """Set a lead's interest status and tell the world, if that status has a word.

        A change within ``interest_quiet_seconds`` of the one before is delivered, but left out of analytics.
        """
        now_ms = self._clock.now_ms()
        before = lead["timestamp_last_interest_change"]
        quiet_ms = self.assumptions.interest_quiet_seconds * 1000
        counts = before is None or now_ms - parse_instant(before) >= quiet_ms
        lead.update(timestamp_last_interest_change=iso(now_ms), timestamp_updated=iso(now_ms))
        if value is None:
            lead.pop("lt_interest_status", None)
        else:
            lead["lt_interest_status"] = value
        word = INTEREST_EVENTS.get(value) or self._label(workspace, value)
        campaign = workspace.campaigns.get(lead["campaign"] or "")
        if word is None:
            return None
        thread = workspace.threads.get(lead["id"], {})
        step, variant = (thread["mails"][-1][1:]) if thread.get("mails") else (None, None)
        return self.happen(
            workspace,
            word,
            campaign=campaign,
            lead=lead,
            reply=reply,
            step=step,
            variant=variant,
            interest_value=value,
            counts=counts,
        )

    @staticmethod
    def _label(workspace: Workspace, value: float | None) -> str | None:
        labels = (row["label"] for row in workspace.lead_labels if row["interest_status"] == value)
        return next(labels, None)

    @staticmethod
    def _is_first(workspace: Workspace, lead: Row, event_type: str) -> bool:
        seen = workspace.threads.setdefault(lead["id"], {}).setdefault("seen", [])
        if event_type in seen:
            return False
        seen.append(event_type)
        return True
