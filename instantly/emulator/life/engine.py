"""Pace of the simulated life: sends mails at an event rate and performs the due actions of the agenda."""

from typing import Any

from ..simulation import Simulation
from ..state.agenda import AgendaEntry
from ..state.identifiers import dump_rng, load_rng
from ..state.tables import Row
from ..state.vocabulary import ACTIVE
from ..state.workspaces import Workspace
from . import mail_events, reactions, schedule
from .campaign_status import complete_campaign
from .invented_leads import add_invented_lead
from .sequences import steps_of, steps_sent

EVENTS_PER_MAIL = 1.9  # events a mail causes, itself included; replaced by the measured mean after 200 mails
CAMPAIGN_TRIES = 3  # campaigns tried per turn


class Life:
    """Sends mails at a pace and lets leads react to them. Call with the lock held."""

    def __init__(self, simulation: Simulation, rate: float) -> None:
        self._simulation = simulation
        self.rate = 0.0
        self._mails = 0
        self.set_rate(rate)

    # Pace

    def set_rate(self, events_per_second: float) -> None:
        """Set the event rate over all workspaces. 0 stops sending; scheduled reactions still happen.

        Raises ValueError for a negative rate.
        """
        if events_per_second < 0:
            raise ValueError(f"A rate is events per second, 0 or more; got {events_per_second}.")
        if events_per_second == self.rate:
            return
        agenda = self._simulation.agenda
        agenda.remove("send")
        if events_per_second and not self.rate:
            self._schedule_incidents()
        self.rate = events_per_second
        if self.rate:
            agenda.put(self._simulation.clock.now_ms(), "send")

    def _schedule_incidents(self) -> None:
        habits = self._simulation.habits
        for name, seconds in (
            ("account_trouble", habits.account_trouble_every),
            ("enrichment", habits.enrichment_every),
        ):
            self._simulation.agenda.remove(name)
            if seconds:
                self._simulation.later(seconds, name)

    def _gap_ms(self) -> int:
        """Random time until the next mail."""
        measured = self._simulation.count_events() / self._mails if self._mails >= 200 else EVENTS_PER_MAIL
        per_mail = max(1.0, measured)
        return max(1, round(1000 * per_mail / self.rate * self._simulation.rng.uniform(0.5, 1.5)))

    # Actions

    def perform(self, entry: AgendaEntry) -> None:
        """Perform an agenda entry. The next mail is scheduled relative to this one's due time, not to now: with a
        clock that ticks 20 times a second, now would limit the rate to 20 mails a second."""
        if entry.action == "send":
            self._simulation.agenda.put(entry.due_ms + self._gap_ms(), "send")
            self._send_one()
        else:
            reactions.ACTIONS[entry.action](self._simulation, **entry.details)

    def _send_one(self) -> None:
        rng = self._simulation.rng
        spaces = [space for space in self._simulation.workspaces.values() if space.plan_active]
        for _ in range(CAMPAIGN_TRIES):
            if not spaces:
                return
            space = rng.choice(spaces)
            campaigns = space.active_campaigns()
            if campaigns and self._send_from(space, space.campaigns.get(rng.choice(campaigns))):
                return

    def _send_from(self, space: Workspace, campaign: Row | None) -> bool:
        """Send one mail of this campaign, if it has a lead and an account; returns True if it did."""
        if campaign is None or campaign["status"] != ACTIVE:
            return False
        simulation = self._simulation
        reason = schedule.reason_not_to_send(space, campaign, simulation.clock.now_ms(), simulation.assumptions)
        senders = schedule.able_senders(space, campaign, simulation.clock.now_ms(), simulation.assumptions)
        if reason or not senders or not steps_of(campaign):
            schedule.set_reason(campaign, reason)
            return False
        lead = self._next_lead(space, campaign)
        if lead is None:
            return False
        schedule.set_reason(campaign, None)
        sender = str(space.threads.get(lead["id"], {}).get("sender"))
        variants = steps_of(campaign)[steps_sent(space, lead)]["variants"]
        enabled = [number for number, variant in enumerate(variants) if not variant.get("v_disabled")] or [0]
        sender = sender if sender in senders else simulation.rng.choice(senders)
        mail = mail_events.send(simulation, space, campaign, lead, sender, simulation.rng.choice(enabled))
        self._mails += 1
        reactions.schedule_reactions(simulation, space, campaign, lead, mail)
        return True

    def _next_lead(self, space: Workspace, campaign: Row) -> Row | None:
        sending = space.sending[campaign["id"]]
        queues = [sending.fresh, sending.due] if campaign["prioritize_new_leads"] else [sending.due, sending.fresh]
        for queue in queues:
            while queue:
                lead = space.leads.get(queue.popleft())
                ready = lead is not None and lead["status"] == 1 and lead["email"]
                if lead is not None and ready and steps_sent(space, lead) < len(steps_of(campaign)):
                    return lead
        if sending.finds_leads and sending.leads_to_find != 0:
            if sending.leads_to_find:
                sending.leads_to_find -= 1
            add_invented_lead(self._simulation, space, campaign)
            return space.leads.get(sending.fresh.popleft())
        if sending.open_leads <= 0 and sending.lead_of and not campaign["is_evergreen"]:
            complete_campaign(self._simulation, space, campaign)
        else:
            schedule.set_reason(campaign, schedule.WAITING_FOR_LEADS)
        return None

    # Snapshot

    def dump(self) -> dict[str, Any]:
        return {
            "dice": dump_rng(self._simulation.rng),
            "rate": self.rate,
            "people": self._simulation.invented_leads,
            "mails": self._mails,
        }

    def load(self, dumped: dict[str, Any]) -> None:
        load_rng(self._simulation.rng, dumped["dice"])
        self._simulation.invented_leads = dumped["people"]
        self.rate, self._mails = dumped["rate"], dumped["mails"]
