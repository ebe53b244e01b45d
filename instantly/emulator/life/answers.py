"""Simulated replies by the demo customer's own people to leads, written by hand in working hours.

Only the demo's generated history contains them; in the running demo the person who tries the product answers.
"""

import html
from datetime import UTC, datetime, timedelta

from ..simulation import Simulation
from ..state.tables import Row
from ..state.workspaces import Workspace
from . import inbox, reply_words
from .mailbox import store_mail

ACTION = "answer_reply"
BY_HAND = 3  # ue_type of a mail sent in the app
ASKING = (
    "interested", "meeting", "question", "objection", "not_now", "promise", "again", "not_interested", "complaint",
)  # fmt: skip
OPENS, CLOSES, SATURDAY = 7, 16, 5  # UTC


def expect(simulation: Simulation, workspace: Workspace, reply: Row, kind: str) -> None:
    """Decide at random whether, and when, the customer's people answer this reply."""
    habits = simulation.habits
    if kind in ASKING and habits.answered and simulation.chance(habits.answered):
        delay_ms = round(simulation.rng.expovariate(1 / habits.answered_after) * 1000)
        due_ms = _in_working_hours(simulation.clock.now_ms() + delay_ms, simulation.rng.random())
        simulation.agenda.put(due_ms, ACTION, workspace=workspace.id, reply=reply["id"], kind=kind)


def answer_reply(simulation: Simulation, workspace: str, reply: str, kind: str) -> None:
    space = simulation.workspaces.get(workspace)
    original = space.emails.get(reply) if space else None
    if space is None or original is None:
        return
    account = space.accounts.get(original["eaccount"]) or {}
    sending = space.sending.get(original["campaign_id"] or "")
    language = sending.language if sending else "en"
    text = reply_words.write_answer(simulation.rng, kind, language=language, sender=account.get("first_name", ""))
    as_html = html.escape(text, quote=False).replace("\n", "<br />")
    mail = inbox.answer_row(simulation, space, original, text, html=as_html, ue_type=BY_HAND)
    original["is_unread"] = 0
    store_mail(simulation, space, mail)
    if simulation.observer:
        simulation.observer.saw_manual_mail(space.id, mail)
    inbox.expect_answer(simulation, space, mail)


def _in_working_hours(due_ms: int, draw: float) -> int:
    """Return the instant moved into working hours: unchanged, or within two hours after they next begin (ms)."""
    due = datetime.fromtimestamp(due_ms / 1000, UTC)
    if due.weekday() < SATURDAY and OPENS <= due.hour < CLOSES:
        return due_ms
    day = due.date() + timedelta(days=1 if due.hour >= CLOSES else 0)
    opening = datetime.combine(reply_words.working_day(day), datetime.min.time(), UTC) + timedelta(hours=OPENS)
    return round((opening.timestamp() + draw * 7200) * 1000)
