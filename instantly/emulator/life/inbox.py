"""Simulated mails outside of campaigns: from unknown senders, scheduled ones, answers to manual mails."""

from collections.abc import Iterable
from typing import Any

from ..simulation import Simulation
from ..state import rows
from ..state.clock import iso
from ..state.tables import Row
from ..state.workspaces import Workspace
from . import mail_events, reply_words
from .mailbox import store_mail

SCHEDULED, RECEIVED = 4, 2


def receive(
    simulation: Simulation,
    workspace: Workspace,
    *,
    account: str,
    sender: str,
    subject: str,
    text: str,
    thread_id: str | None = None,
    automatic: bool = False,
    attachments: Iterable[str] = (),
) -> Row:
    """Store a mail outside of campaigns and leads; according to the vendor's document no webhook reports such mails."""
    now_ms = simulation.clock.now_ms()
    mail = rows.email(
        simulation.ids.v7(now_ms),
        workspace.id,
        now_ms,
        html=None,
        text=text,
        subject=subject,
        from_address_email=sender,
        to_address_email_list=account,
        eaccount=account,
        ue_type=RECEIVED,
        is_unread=1,
        is_auto_reply=int(automatic),
        is_focused=int(not automatic),
        thread_id=thread_id or simulation.ids.v4(),
        attachment_json=attachments_of(attachments),
    )
    store_mail(simulation, workspace, mail)
    return mail


def attachments_of(names: Iterable[str]) -> Row | None:
    """Return a mail's attachments in the vendor's documented form, None without attachments."""
    files = [
        {
            "filename": name,
            "size": 1024,
            "type": "application/octet-stream",
            "url": f"https://files.example/{name}",
            "error": None,
        }
        for name in names
    ]
    return {"files": files} if files else None


def answer_row(
    simulation: Simulation, workspace: Workspace, original: Row, text: str, *, html: str | None = None, **given: Any
) -> Row:
    """Return a new mail that answers `original` from the account it came to, in its thread. `html` None: made from the text."""
    now_ms = simulation.clock.now_ms()
    return rows.email(
        simulation.ids.v7(now_ms),
        workspace.id,
        now_ms,
        html=text if html is None else html,
        text=text,
        subject=original["subject"],
        from_address_email=original["eaccount"],
        to_address_email_list=original["from_address_email"],
        campaign_id=original["campaign_id"],
        lead=original["lead"],
        lead_id=original["lead_id"],
        eaccount=original["eaccount"],
        thread_id=original["thread_id"],
        **given,
    )


def schedule(simulation: Simulation, workspace: Workspace, original: Row, text: str, seconds: float) -> Row:
    """Store an answer that the app sends later; it is listed as scheduled until then."""
    due = iso(simulation.clock.now_ms() + round(seconds * 1000))
    mail = answer_row(simulation, workspace, original, text, ue_type=SCHEDULED, timestamp_email=due)
    store_mail(simulation, workspace, mail)
    simulation.later(seconds, "send_scheduled", exactly=True, workspace=workspace.id, mail=mail["id"])
    return mail


def answer_by_agent(simulation: Simulation, workspace: Workspace, original: Row, text: str, agent: str) -> Row:
    """Store an answer that Instantly's own AI agent sent."""
    mail = answer_row(
        simulation, workspace, original, text, ue_type=simulation.assumptions.agent_mail_type, ai_assisted=1, ai_agent_id=agent,
        subsequence_id=original["subsequence_id"],
    )  # fmt: skip
    store_mail(simulation, workspace, mail)
    return mail


def send_scheduled(simulation: Simulation, workspace: str, mail: str) -> None:
    space = simulation.workspaces.get(workspace)
    row = space.emails.get(mail) if space else None
    if space is None or row is None or row["ue_type"] != SCHEDULED:
        return
    row.update(ue_type=simulation.assumptions.scheduled_mail_becomes, timestamp_email=iso(simulation.clock.now_ms()))
    expect_answer(simulation, space, row)


def expect_answer(simulation: Simulation, workspace: Workspace, mail: Row) -> None:
    """Decide at random whether the person answers a mail written by hand."""
    if simulation.habits.answer_manual and simulation.chance(simulation.habits.answer_manual):
        simulation.later(simulation.habits.reply_after, "answer_manual", workspace=workspace.id, mail=mail["id"])


def answer_manual(simulation: Simulation, workspace: str, mail: str) -> Row | None:
    """Let the recipient answer a mail written by hand: a lead by a reply of their campaign (webhook), anybody else by a mail without one.
    Return the lead's reply, None for anybody else."""
    space = simulation.workspaces.get(workspace)
    row = space.emails.get(mail) if space else None
    if space is None or row is None:
        return None
    thread: dict[str, Any] = space.threads.get(row["lead_id"] or "", {})
    lead = space.leads.get(row["lead_id"] or "")
    sent = space.emails.get(thread["mails"][-1][0]) if thread.get("mails") else None
    if lead is not None and sent is not None:
        return mail_events.replied(simulation, space, lead, sent, kind="again")
    receive(
        simulation,
        space,
        account=row["eaccount"],
        sender=row["to_address_email_list"].split(",")[0],
        subject=row["subject"],
        text=simulation.rng.choice(reply_words.TEXTS["en"]["again"]),
        thread_id=row["thread_id"],
    )
    return None
