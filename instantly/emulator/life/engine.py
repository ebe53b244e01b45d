"""The clockwork of the demo: who is written to next, at which pace, and carrying out what the agenda holds."""

import random
from typing import TYPE_CHECKING, Any

from ..state import rows
from ..state.agenda import Entry
from ..state.habits import Habits
from ..state.identifiers import dump_dice, load_dice
from ..state.tables import Row
from ..state.vocabulary import ACTIVE
from ..state.workspaces import Sending, Workspace
from . import actions, people, schedule, transitions

if TYPE_CHECKING:
    from ..fake import FakeInstantly

EVENTS_PER_MAIL = 1.9  # what one mail leads to, itself included; corrected by what is seen
TRIES = 3  # campaigns tried before a turn is given up


class Life:
    """Sends mails at a pace and lets things come of them. Made and owned by FakeInstantly; all under its lock."""

    def __init__(self, fake: "FakeInstantly", seed: int | str, habits: Habits, rate: float) -> None:
        self._fake = fake
        self.dice = random.Random(f"{seed}:life")
        self.habits = habits
        self.rate = 0.0
        self._people = 0
        self._mails = 0
        self._happenings_before = 0
        self.set_rate(rate)

    # Pace

    def set_rate(self, events_per_second: float) -> None:
        """How many events a second, over all workspaces. 0 stops the sending; what is under way still comes."""
        if events_per_second < 0:
            raise ValueError(f"A rate is events per second, 0 or more; got {events_per_second}.")
        if events_per_second == self.rate:
            return
        agenda = self._fake.agenda
        agenda.remove("send")
        if events_per_second and not self.rate:
            self._begin_troubles()
        self.rate = events_per_second
        if self.rate:
            agenda.put(self._fake.clock.now_ms(), "send")

    def _begin_troubles(self) -> None:
        for name, seconds in (
            ("account_trouble", self.habits.account_trouble_every),
            ("enrichment", self.habits.enrichment_every),
        ):
            self._fake.agenda.remove(name)
            if seconds:
                self.later(seconds, name)

    def _gap_ms(self) -> int:
        seen = self._fake.happenings() - self._happenings_before
        per_mail = EVENTS_PER_MAIL if self._mails < 200 else max(1.0, seen / self._mails)
        return max(1, round(1000 * per_mail / self.rate * self.dice.uniform(0.5, 1.5)))

    # Dice

    def chance(self, share: float) -> bool:
        return self.dice.random() < share

    def later(self, seconds: float, action: str, *, exactly: bool = False, **details: Any) -> None:
        """Put an action on the agenda after an exponential wait with this mean, or after exactly so long."""
        wait = seconds if exactly else self.dice.expovariate(1 / seconds) if seconds else 0.0
        self._fake.agenda.put(self._fake.clock.now_ms() + round(wait * 1000), action, **details)

    def find(self, workspace: str, lead: str) -> tuple[Workspace, Row] | None:
        """The workspace and the lead, if both still exist."""
        space = self._fake.workspaces.get(workspace)
        person = space.leads.get(lead) if space else None
        return None if space is None or person is None else (space, person)

    def find_mail(self, workspace: str, lead: str, mail: str) -> tuple[Workspace, Row, Row] | None:
        """The workspace, the lead and the mail, if all of them still exist."""
        found = self.find(workspace, lead)
        letter = found[0].emails.get(mail) if found else None
        return None if found is None or letter is None else (*found, letter)

    # Doing

    def perform(self, entry: Entry) -> None:
        """Carry out what the agenda held. The next mail's turn is reckoned from when this one was due, not from now:
        a clock that ticks 20 times a second must not mean 20 mails a second."""
        if entry.action == "send":
            self._fake.agenda.put(entry.due_ms + self._gap_ms(), "send")
            self._send_one()
        else:
            actions.ACTIONS[entry.action](self._fake, **entry.details)

    def _send_one(self) -> None:
        spaces = [space for space in self._fake.workspaces.values() if space.plan_active]
        for _ in range(TRIES):
            if not spaces:
                return
            space = self.dice.choice(spaces)
            campaigns = space.active_campaigns()
            if campaigns and self.send_from(space, space.campaigns.get(self.dice.choice(campaigns))):
                return

    def send_from(self, space: Workspace, campaign: Row | None) -> bool:
        """Send one mail of this campaign, if it has somebody to write to and somebody to write from."""
        if campaign is None or campaign["status"] != ACTIVE:
            return False
        now_ms = self._fake.clock.now_ms()
        reason = schedule.reason_not_to_send(space, campaign, now_ms, self._fake.assumptions)
        senders = healthy_senders(space, campaign)
        if reason or not senders or not transitions.steps_of(campaign):
            schedule.note_reason(campaign, reason)
            return False
        lead = self._next_lead(space, campaign)
        if lead is None:
            return False
        schedule.note_reason(campaign, None)
        sender = str(space.threads.get(lead["id"], {}).get("sender"))
        step = len(space.threads.get(lead["id"], {}).get("mails", []))
        variants = transitions.steps_of(campaign)[step]["variants"]
        enabled = [number for number, variant in enumerate(variants) if not variant.get("v_disabled")] or [0]
        sender = sender if sender in senders else self.dice.choice(senders)
        mail = transitions.send(self._fake, space, campaign, lead, sender, self.dice.choice(enabled))
        self._mails += 1
        actions.after_sending(self._fake, space, campaign, lead, mail)
        return True

    def _next_lead(self, space: Workspace, campaign: Row) -> Row | None:
        sending = space.sending[campaign["id"]]
        queues = [sending.fresh, sending.due] if campaign["prioritize_new_leads"] else [sending.due, sending.fresh]
        for queue in queues:
            while queue:
                lead = space.leads.get(queue.popleft())
                ready = lead is not None and lead["status"] == 1 and lead["email"]
                if lead is not None and ready and self._has_step_left(space, campaign, lead):
                    return lead
        if sending.finds_leads and sending.leads_to_find != 0:
            if sending.leads_to_find:
                sending.leads_to_find -= 1
            self.add_lead(space, campaign)
            return space.leads.get(sending.fresh.popleft())
        if sending.open_leads <= 0 and sending.lead_of and not campaign["is_evergreen"]:
            transitions.complete_campaign(self._fake, space, campaign)
        else:
            schedule.note_reason(campaign, schedule.WAITING_FOR_LEADS)
        return None

    @staticmethod
    def _has_step_left(space: Workspace, campaign: Row, lead: Row) -> bool:
        return len(space.threads.get(lead["id"], {}).get("mails", [])) < len(transitions.steps_of(campaign))

    def add_lead(self, space: Workspace, campaign: Row) -> Row:
        """Somebody new for a campaign of the demo."""
        sending = space.sending[campaign["id"]]
        self._people += 1
        person = people.invent(self.dice, sending.language, self._people)
        now_ms = self._fake.clock.now_ms()
        lead = rows.lead(
            self._fake.ids.v7(now_ms),
            person.email,
            space.id,
            now_ms,
            campaign=campaign["id"],
            upload_method="manual",
            custom_variables=_variables(sending, self._people),
            **person.as_lead(),
        )
        space.leads.add(lead)
        transitions.enter(space, lead)
        return lead

    # Snapshot

    def dump(self) -> dict[str, Any]:
        return {
            "dice": dump_dice(self.dice),
            "rate": self.rate,
            "people": self._people,
            "mails": self._mails,
            "happenings_before": self._happenings_before,
        }

    def load(self, dumped: dict[str, Any]) -> None:
        load_dice(self.dice, dumped["dice"])
        self.rate, self._people = dumped["rate"], dumped["people"]
        self._mails, self._happenings_before = dumped["mails"], dumped["happenings_before"]


def healthy_senders(space: Workspace, campaign: Row) -> list[str]:
    """The campaign's accounts that can send."""
    return [email for email in campaign["email_list"] if (space.accounts.get(email) or {}).get("status") == ACTIVE]


def _variables(sending: Sending, number: int) -> dict[str, Any]:
    return {
        name: value.format(number=number) if isinstance(value, str) else value
        for name, value in sending.extra_variables.items()
    }
