"""What the agenda can hold: each action carries itself out and puts on the agenda what follows from it.

``ACTIONS`` is the table the engine looks into. An action whose lead, mail or campaign is gone by then does nothing.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..state import habits
from ..state.clock import iso
from ..state.tables import Row
from ..state.vocabulary import ACTIVE
from ..state.workspaces import Workspace
from . import transitions

if TYPE_CHECKING:
    from ..fake import FakeInstantly

DELAY_UNITS = {"days": 1.0, "hours": 1 / 24, "minutes": 1 / 1440}
ERRORS = (
    (-1, "EAUTH", "AUTH PLAIN", "535-5.7.8 Username and Password not accepted", 535),
    (-2, "EENVELOPE", "RCPT TO", "452-4.2.2 The recipient's inbox is out of storage space", 452),
    (-3, "EENVELOPE", "DATA", "550-5.4.5 Daily user sending limit exceeded", 550),
)


def after_sending(fake: "FakeInstantly", workspace: Workspace, campaign: Row, lead: Row, mail: Row) -> None:
    """Throw the dice for one mail: what will come of it, and when."""
    life, habit = fake.life, fake.life.habits
    subject: dict[str, Any] = {"workspace": workspace.id, "lead": lead["id"], "mail": mail["id"]}
    if life.chance(habit.bounce):
        life.later(habit.bounce_after, "bounce", **subject)
        return
    if campaign["open_tracking"]:
        if life.chance(habit.machine_open):
            life.later(1.0, "open", **subject, by_machine=True)
        if life.chance(habit.open):
            life.later(habit.open_after, "open", **subject)
    if life.chance(habit.automatic_reply):
        life.later(habit.automatic_after, "auto_reply", **subject)
    if life.chance(habit.reply):
        life.later(habit.reply_after, "reply", **subject)
    elif life.chance(habit.unsubscribe):
        life.later(habit.unsubscribe_after, "unsubscribe", **subject)
    steps, step = transitions.steps_of(campaign), int(mail["step"])
    wait = steps[step - 1]["delay"] * DELAY_UNITS[steps[step - 1].get("delay_unit", "days")] * habit.day_seconds
    last = step >= len(steps)
    name, seconds = ("finish", habit.reply_after * 4) if last else ("follow_up", wait)
    life.later(seconds, name, exactly=True, workspace=workspace.id, lead=lead["id"])


def open_mail(fake: "FakeInstantly", workspace: str, lead: str, mail: str, by_machine: bool = False) -> None:
    found = fake.life.find_mail(workspace, lead, mail)
    if found is None:
        return
    space, person, letter = found
    transitions.opened(fake, space, person, letter)
    habit = fake.life.habits
    subject: dict[str, Any] = {"workspace": workspace, "lead": lead, "mail": mail}
    if by_machine:
        return
    if fake.life.chance(habit.open_again):
        fake.life.later(habit.open_after * 2, "open", **subject)
    campaign = space.campaigns.get(letter["campaign_id"] or "")
    tracked = campaign and campaign["link_tracking"] and "href=" in letter["body"].get("html", "")
    if tracked and fake.life.chance(habit.click):
        fake.life.later(habit.click_after, "click", **subject)


def click(fake: "FakeInstantly", workspace: str, lead: str, mail: str) -> None:
    if found := fake.life.find_mail(workspace, lead, mail):
        transitions.clicked(fake, *found)


def bounce(fake: "FakeInstantly", workspace: str, lead: str, mail: str) -> None:
    if found := fake.life.find_mail(workspace, lead, mail):
        transitions.bounced(fake, *found)


def unsubscribe(fake: "FakeInstantly", workspace: str, lead: str, mail: str) -> None:
    found = fake.life.find_mail(workspace, lead, mail)
    if found and found[1]["status"] not in (-1, -2):
        transitions.unsubscribed(fake, *found)


def auto_reply(fake: "FakeInstantly", workspace: str, lead: str, mail: str) -> None:
    if found := fake.life.find_mail(workspace, lead, mail):
        answer = transitions.replied(fake, *found, kind="automatic", automatic=True)
        if fake.life.chance(fake.life.habits.out_of_office):
            wait = fake.life.habits.verdict_after
            fake.life.later(wait, "interest", workspace=workspace, lead=lead, value=0, reply=answer["id"])


def reply(fake: "FakeInstantly", workspace: str, lead: str, mail: str) -> None:
    """An answer, and a moment later the status Instantly gives it."""
    found = fake.life.find_mail(workspace, lead, mail)
    if found is None:
        return
    life, habit = fake.life, fake.life.habits
    kinds = list(habits.ANSWERS)
    kind = life.dice.choices(kinds, weights=[habits.ANSWERS[name][0] for name in kinds])[0]
    answer = transitions.replied(fake, *found, kind=kind)
    verdict = habits.ANSWERS[kind][1]
    if verdict == "label":
        verdict = _custom_label(life.dice.random(), found[0])
    life.later(habit.verdict_after, "interest", workspace=workspace, lead=lead, value=verdict, reply=answer["id"])
    if life.chance(habit.reply_again):
        life.later(habit.reply_after, "reply_again", workspace=workspace, lead=lead, mail=mail)
    if verdict == 1 and life.chance(habit.meeting_after_interest):
        life.later(habit.meeting_after, "interest", exactly=True, workspace=workspace, lead=lead, value=2)
    if verdict == 2:
        _after_meeting_booked(fake, workspace, lead)


def reply_again(fake: "FakeInstantly", workspace: str, lead: str, mail: str) -> None:
    if found := fake.life.find_mail(workspace, lead, mail):
        transitions.replied(fake, *found, kind="again")


def interest(fake: "FakeInstantly", workspace: str, lead: str, value: float | None, reply: str | None = None) -> None:
    found = fake.life.find(workspace, lead)
    if found is None:
        return
    space, person = found
    fake.chronicle.change_interest(space, person, value, space.emails.get(reply or ""))
    if value == 2 and reply is None:
        _after_meeting_booked(fake, workspace, lead)
    if value == 3 and fake.life.chance(fake.life.habits.closes_after_meeting):
        fake.life.later(fake.life.habits.held_after, "interest", exactly=True, workspace=workspace, lead=lead, value=4)


def follow_up(fake: "FakeInstantly", workspace: str, lead: str) -> None:
    found = fake.life.find(workspace, lead)
    if found and found[1]["status"] == 1 and found[1]["campaign"] in found[0].sending:
        found[0].sending[found[1]["campaign"]].due.append(lead)


def finish(fake: "FakeInstantly", workspace: str, lead: str) -> None:
    found = fake.life.find(workspace, lead)
    if found and found[1]["status"] == 1:
        transitions.finished_without_reply(fake, found[0], found[1])


def account_trouble(fake: "FakeInstantly") -> None:
    """A healthy account stops working for a while, somewhere; never a workspace's last one."""
    life = fake.life
    life.later(life.habits.account_trouble_every, "account_trouble")
    spaces = [space for space in fake.workspaces.values() if len(_healthy(space)) > 1]
    if not spaces:
        return
    space = life.dice.choice(spaces)
    account = life.dice.choice(_healthy(space))
    status, code, command, response, number = life.dice.choice(ERRORS)
    message = {
        "code": code,
        "command": command,
        "response": response,
        "e_message": f"error: {response.lower()}",
        "responseCode": number,
    }
    account.update(status=status, status_message=message, timestamp_updated=iso(fake.clock.now_ms()))
    fake.chronicle.happen(space, "account_error", sender=account["email"])
    transitions.recheck_health(fake, space)
    life.later(life.habits.account_heals_after, "account_heals", workspace=space.id, email=account["email"])


def account_heals(fake: "FakeInstantly", workspace: str, email: str) -> None:
    space = fake.workspaces.get(workspace)
    account = space.accounts.get(email) if space else None
    if space and account and account["status"] < 0:
        account.update(status=ACTIVE, timestamp_updated=iso(fake.clock.now_ms()))
        account.pop("status_message", None)
        transitions.recheck_health(fake, space)


def enrichment(fake: "FakeInstantly") -> None:
    fake.life.later(fake.life.habits.enrichment_every, "enrichment")
    if fake.workspaces:
        space = fake.life.dice.choice(list(fake.workspaces.values()))
        fake.chronicle.happen(space, "supersearch_enrichment_completed")


def job_step(fake: "FakeInstantly", workspace: str, job: str, progress: int) -> None:
    """A background job gets on: half way, then done."""
    space = fake.workspaces.get(workspace)
    row = space.jobs.get(job) if space else None
    if row is None:
        return
    done = progress >= 100
    row.update(progress=progress, status="success" if done else "in-progress", updated_at=iso(fake.clock.now_ms()))
    if not done:
        fake.life.later(
            fake.assumptions.job_seconds / 2, "job_step", exactly=True, workspace=workspace, job=job, progress=100
        )


def _after_meeting_booked(fake: "FakeInstantly", workspace: str, lead: str) -> None:
    habit = fake.life.habits
    value = 3 if fake.life.chance(habit.meeting_happens) else -4
    fake.life.later(habit.held_after, "interest", exactly=True, workspace=workspace, lead=lead, value=value)


def _custom_label(draw: float, space: Workspace) -> float | None:
    labels = list(space.lead_labels)
    return labels[int(draw * len(labels))]["interest_status"] if labels else None


def _healthy(space: Workspace) -> list[Row]:
    return [account for account in space.accounts if account["status"] == ACTIVE]


ACTIONS: dict[str, Callable[..., None]] = {
    "open": open_mail,
    "click": click,
    "bounce": bounce,
    "unsubscribe": unsubscribe,
    "auto_reply": auto_reply,
    "reply": reply,
    "reply_again": reply_again,
    "interest": interest,
    "follow_up": follow_up,
    "finish": finish,
    "account_trouble": account_trouble,
    "account_heals": account_heals,
    "enrichment": enrichment,
    "job_step": job_step,
}
