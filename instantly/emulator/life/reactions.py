"""Simulated reactions of leads to mails (open, click, reply, bounce), performed when they are due.

``ACTIONS`` maps the names on the agenda (part of the snapshot format) to functions, whose parameters are the entry's
details. An action whose lead, mail or campaign no longer exists does nothing.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zlib import crc32

from .. import event_recorder
from ..simulation import Simulation
from ..state.tables import Row
from ..state.workspaces import Workspace
from . import answers, inbox, incidents, mail_events, replies, reply_words
from .job_progress import advance_job
from .sequences import steps_of

WHOLE_DAY = 86_400  # seconds
DAYS_PER_UNIT = {"days": 1.0, "hours": 1 / 24, "minutes": 1 / 1440}
KEENNESS = ((60, 0.4), (85, 1.0), (100, 3.4))
"""(limit, factor): a lead whose fixed draw from 0 to 99 is below the limit reacts with this multiple of the average odds."""


def schedule_reactions(simulation: Simulation, workspace: Workspace, campaign: Row, lead: Row, mail: Row) -> None:
    """Draw a lead's reactions to a mail that was just sent, and schedule them and the next step."""
    habits, chance, later = simulation.habits, simulation.chance, simulation.later
    subject: dict[str, Any] = {"workspace": workspace.id, "lead": lead["id"], "mail": mail["id"]}
    trouble, appeal = workspace.sender_trouble.get(mail["eaccount"], {}), _appeal(workspace, campaign, mail)
    if chance(habits.bounce * trouble.get("bounce", 1.0)):
        later(habits.bounce_after, "bounce", **subject)
        return
    if campaign["open_tracking"]:
        if chance(habits.machine_open):
            later(1.0, "open", **subject, by_machine=True)
        if chance(keen(lead["email"], habits.open)):
            later(habits.open_after, "open", **subject)
    if chance(habits.automatic_reply):
        later(habits.automatic_after, "auto_reply", **subject)
    if chance(keen(lead["email"], habits.reply * appeal * trouble.get("reply", 1.0))):
        later(habits.reply_after, "reply", **subject)
    elif chance(habits.unsubscribe):
        later(habits.unsubscribe_after, "unsubscribe", **subject)
    _schedule_next_step(simulation, workspace, campaign, lead, int(mail["step"]))


def keen(email: str, probability: float) -> float:
    """Return a reaction's probability adjusted to this lead: a few leads open, click and answer much more than most. 0 and 1 are returned
    unchanged.
    """
    draw = crc32(email.encode()) % 100
    odds = next(factor for below, factor in KEENNESS if draw < below)
    probability = min(max(probability, 0.0), 1.0)
    return odds * probability / (1 - probability + odds * probability)


def _appeal(workspace: Workspace, campaign: Row, mail: Row) -> float:
    """Return the factor by which this campaign, and this variant of its first step, gets more replies than usual."""
    sending, mails = workspace.sending[campaign["id"]], workspace.threads[mail["lead_id"]]["mails"]
    variants = sending.variant_appeal if mail["step"] == "1" else []
    variant = int(mails[-1][2])
    return sending.appeal * (variants[variant - 1] if variant <= len(variants) else 1.0)


def _schedule_next_step(simulation: Simulation, workspace: Workspace, campaign: Row, lead: Row, step: int) -> None:
    steps = steps_of(campaign)
    days = steps[step - 1]["delay"] * DAYS_PER_UNIT[steps[step - 1].get("delay_unit", "days")]
    last = step >= len(steps)
    seconds = simulation.habits.reply_after * 4 if last else days * simulation.habits.day_seconds
    action = "finish" if last else "follow_up"
    simulation.later(seconds, action, exactly=True, workspace=workspace.id, lead=lead["id"])


def open_mail(simulation: Simulation, workspace: str, lead: str, mail: str, by_machine: bool = False) -> None:
    found = simulation.find_mail(workspace, lead, mail)
    if found is None:
        return
    space, _, mail_row = found
    mail_events.opened(simulation, *found)
    if by_machine:
        return
    habits = simulation.habits
    subject: dict[str, Any] = {"workspace": workspace, "lead": lead, "mail": mail}
    if simulation.chance(habits.open_again):
        simulation.later(habits.open_after * 2, "open", **subject)
    campaign = space.campaigns.get(mail_row["campaign_id"] or "")
    tracked = campaign and campaign["link_tracking"] and "href=" in mail_row["body"].get("html", "")
    if tracked and simulation.chance(keen(found[1]["email"], habits.click)):
        simulation.later(habits.click_after, "click", **subject)


def click(simulation: Simulation, workspace: str, lead: str, mail: str) -> None:
    if found := simulation.find_mail(workspace, lead, mail):
        mail_events.clicked(simulation, *found)


def bounce(simulation: Simulation, workspace: str, lead: str, mail: str) -> None:
    if found := simulation.find_mail(workspace, lead, mail):
        mail_events.bounced(simulation, *found)


def unsubscribe(simulation: Simulation, workspace: str, lead: str, mail: str) -> None:
    found = simulation.find_mail(workspace, lead, mail)
    if found and found[1]["status"] not in (-1, -2):
        mail_events.unsubscribed(simulation, *found)


def auto_reply(simulation: Simulation, workspace: str, lead: str, mail: str) -> None:
    """Receive a machine's answer; Instantly's AI marks most absence notes as out of office."""
    if found := simulation.find_mail(workspace, lead, mail):
        is_absence = simulation.chance(simulation.habits.out_of_office)
        kind = replies.AUTOMATIC[0 if is_absence else 1]
        last_ms = _last_day_away(simulation, found[0], lead) if is_absence else None
        reply_row = mail_events.replied(simulation, *found, kind=kind, automatic=True, promise_ms=last_ms)
        if is_absence:
            delay = simulation.habits.verdict_after
            simulation.later(delay, "interest", workspace=workspace, lead=lead, value=0, reply=reply_row["id"])


def reply(simulation: Simulation, workspace: str, lead: str, mail: str, kind: str | None = None) -> None:
    """Receive a reply, of ``kind`` if given; a moment later Instantly's AI gives the lead the matching interest status."""
    found = simulation.find_mail(workspace, lead, mail)
    if found is None:
        return
    habits, rng, later = simulation.habits, simulation.rng, simulation.later
    away_ms = found[0].threads.get(lead, {}).get("away_ms", 0)
    if away_ms > simulation.clock.now_ms():  # nobody writes while away: they do on their return
        seconds = (away_ms - simulation.clock.now_ms()) / 1000 + rng.random() * habits.day_seconds / 4
        later(seconds, "reply", exactly=True, workspace=workspace, lead=lead, mail=mail, kind=kind)
        return
    kind = kind or _draw_kind(simulation, found[0], found[1])
    promise_ms = _promise(simulation) if kind == "promise" else None
    reply_row = mail_events.replied(simulation, *found, kind=kind, promise_ms=promise_ms)
    interest_value = replies.KINDS[kind][1]
    if interest_value == "label":
        interest_value = _custom_label(rng.random(), found[0])
    lead_of: dict[str, Any] = {"workspace": workspace, "lead": lead}
    later(habits.verdict_after, "interest", **lead_of, value=interest_value, reply=reply_row["id"])
    answers.expect(simulation, found[0], reply_row, kind)
    if promise_ms is not None:
        seconds = (promise_ms - simulation.clock.now_ms()) / 1000
        promised = rng.choices(list(replies.PROMISED), weights=list(replies.PROMISED.values()))[0]
        later(seconds, "reply", exactly=True, **lead_of, mail=mail, kind=promised)
    elif kind in replies.POSITIVE and simulation.chance(habits.reply_again):
        later(habits.reply_after, "reply_again", **lead_of, mail=mail)
    if kind == "unsubscribe":
        later(habits.unsubscribe_after, "unsubscribe", **lead_of, mail=mail)
    if interest_value == 1 and simulation.chance(habits.meeting_after_interest):
        later(habits.meeting_after, "interest", exactly=True, **lead_of, value=2)
    if interest_value == 2:
        _schedule_meeting(simulation, workspace, lead)


def _draw_kind(simulation: Simulation, space: Workspace, lead: Row) -> str:
    """Draw a kind of reply; a popular campaign gets more positive ones."""
    sending = space.sending.get(lead["campaign"] or "")
    appeal = sending.appeal if sending else 1.0
    weights = [weight * (appeal if name in replies.POSITIVE else 1.0) for name, (weight, _) in replies.KINDS.items()]
    return simulation.rng.choices(list(replies.KINDS), weights=weights)[0]


def _last_day_away(simulation: Simulation, space: Workspace, lead: str) -> int:
    """Draw the end of a lead's absence at random and store it; return the last day of absence (ms), which the out-of-office note states."""
    now_ms = simulation.clock.now_ms()
    today = datetime.fromtimestamp(now_ms / 1000, UTC).date()
    last = reply_words.working_day(today + timedelta(days=simulation.rng.randrange(*reply_words.AWAY_DAYS)))
    back = reply_words.working_day(last + timedelta(days=1))
    space.threads[lead]["away_ms"] = now_ms + round((back - today).days * simulation.habits.day_seconds * 1000)
    return now_ms + (last - today).days * 86_400_000


def _promise(simulation: Simulation) -> int:
    """Return a random time (ms) some simulated days from now at which the lead keeps a promise; always a working day if simulated days have
    real length.
    """
    days = simulation.rng.uniform(4, 25)
    due_ms = simulation.clock.now_ms() + round(days * simulation.habits.day_seconds * 1000)
    if simulation.habits.day_seconds < WHOLE_DAY:
        return due_ms
    day = datetime.fromtimestamp(due_ms / 1000, UTC).date()
    return due_ms + (reply_words.working_day(day) - day).days * WHOLE_DAY * 1000


def reply_again(simulation: Simulation, workspace: str, lead: str, mail: str) -> None:
    if found := simulation.find_mail(workspace, lead, mail):
        reply_row = mail_events.replied(simulation, *found, kind="again")
        answers.expect(simulation, found[0], reply_row, "again")


def answer_manual(simulation: Simulation, workspace: str, mail: str) -> None:
    """Receive the answer to a mail that was written by hand; the demo customer's people may answer it again."""
    answer = inbox.answer_manual(simulation, workspace, mail)
    if answer is not None:
        answers.expect(simulation, simulation.workspaces[workspace], answer, "again")


def change_interest(
    simulation: Simulation, workspace: str, lead: str, value: float | None, reply: str | None = None
) -> None:
    found = simulation.find_lead(workspace, lead)
    if found is None:
        return
    space, lead_row = found
    habits = simulation.habits
    event_recorder.change_interest(simulation, space, lead_row, value, space.emails.get(reply or ""))
    if value == 2 and reply is None:
        _schedule_meeting(simulation, workspace, lead)
    if value == 3 and simulation.chance(habits.closes_after_meeting):
        simulation.later(habits.held_after, "interest", exactly=True, workspace=workspace, lead=lead, value=4)


def follow_up(simulation: Simulation, workspace: str, lead: str) -> None:
    found = simulation.find_lead(workspace, lead)
    if found and found[1]["status"] == 1 and found[1]["campaign"] in found[0].sending:
        found[0].sending[found[1]["campaign"]].due.append(lead)


def finish(simulation: Simulation, workspace: str, lead: str) -> None:
    """End a sequence after its last mail; a lead that was moved since then has begun another one, without mails so far."""
    found = simulation.find_lead(workspace, lead)
    if found and found[1]["status"] == 1 and lead in found[0].threads:
        mail_events.finished_without_reply(simulation, *found)


def _schedule_meeting(simulation: Simulation, workspace: str, lead: str) -> None:
    """Schedule the status after a booked meeting: completed, or no-show."""
    value = 3 if simulation.chance(simulation.habits.meeting_happens) else -4
    delay = simulation.habits.held_after
    simulation.later(delay, "interest", exactly=True, workspace=workspace, lead=lead, value=value)


def _custom_label(draw: float, space: Workspace) -> float | None:
    """Return the custom label to set: mostly the neutral one for people who postpone, sometimes a wrong one."""
    labels = sorted(space.lead_labels, key=lambda row: row["interest_status_label"] != "neutral")
    return labels[0 if draw < 0.85 else -1]["interest_status"] if labels else None


ACTIONS: dict[str, Callable[..., None]] = {
    "open": open_mail,
    "click": click,
    "bounce": bounce,
    "unsubscribe": unsubscribe,
    "auto_reply": auto_reply,
    "reply": reply,
    "reply_again": reply_again,
    answers.ACTION: answers.answer_reply,
    "answer_manual": answer_manual,
    "send_scheduled": inbox.send_scheduled,
    "interest": change_interest,
    "follow_up": follow_up,
    "finish": finish,
    "account_trouble": incidents.fail_account,
    "account_heals": incidents.recover_account,
    "enrichment": incidents.complete_enrichment,
    "job_step": advance_job,
}
