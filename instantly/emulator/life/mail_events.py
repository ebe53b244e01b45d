"""Apply one simulated event to a lead: sent, opened, clicked, replied, bounced, unsubscribed.

Each function changes rows, mailbox and journal; reactions.py decides which events happen. Call with the lock held.
"""

import re
from typing import Any

from .. import event_recorder
from ..simulation import Simulation
from ..state import rows
from ..state.clock import iso, parse_instant
from ..state.tables import Row
from ..state.vocabulary import BOUNCED, COMPLETED, UNSUBSCRIBED
from ..state.workspaces import Workspace
from . import replies
from .mailbox import store_mail
from .sequences import end_sequence, step_and_variant, steps_of

VARIABLE = re.compile(r"{{\s*(\w+)\s*}}")


def send(simulation: Simulation, workspace: Workspace, campaign: Row, lead: Row, sender: str, variant: int) -> Row:
    """Send the lead's next step (``variant`` from 0); returns the mail."""
    now_ms = simulation.clock.now_ms()
    thread = workspace.threads.setdefault(lead["id"], {})
    mails: list[list[Any]] = thread.setdefault("mails", [])
    thread.setdefault("thread_id", simulation.ids.v4())
    thread["sender"] = sender
    step = len(mails)
    template = steps_of(campaign)[step]["variants"][variant]
    subject = _fill(template["subject"], workspace, lead, sender) or f"Re: {thread.get('subject', '')}"
    thread.setdefault("subject", subject)
    mail = rows.email(
        simulation.ids.v7(now_ms),
        workspace.id,
        now_ms,
        html=_fill(template["body"], workspace, lead, sender),
        text=None,
        subject=subject,
        from_address_email=sender,
        to_address_email_list=lead["email"],
        campaign_id=campaign["id"],
        lead=lead["email"],
        lead_id=lead["id"],
        eaccount=sender,
        ue_type=1,
        subsequence_id=lead["subsequence_id"],
        step=str(step + 1),
        thread_id=thread["thread_id"],
    )
    store_mail(simulation, workspace, mail)
    mails.append([mail["id"], step + 1, variant + 1])
    _set_last_contact(lead, sender, iso(now_ms))
    _record(simulation, workspace, "email_sent", lead, mail)
    return mail


def opened(simulation: Simulation, workspace: Workspace, lead: Row, mail: Row) -> None:
    _count(simulation, workspace, lead, mail, "open", "opened")
    _record(simulation, workspace, "email_opened", lead, mail)


def clicked(simulation: Simulation, workspace: Workspace, lead: Row, mail: Row) -> None:
    _count(simulation, workspace, lead, mail, "click", "clicked")
    _record(simulation, workspace, "link_clicked", lead, mail)


def replied(
    simulation: Simulation,
    workspace: Workspace,
    lead: Row,
    mail: Row,
    *,
    kind: str,
    automatic: bool = False,
    promise_ms: int | None = None,
) -> Row:
    """Receive a reply of a kind in ``replies``; returns its row in the mailbox.

    It ends the sequence if the campaign stops on replies (or on automatic ones).
    """
    reply = _reply_row(simulation, workspace, lead, mail, kind, automatic, promise_ms)
    store_mail(simulation, workspace, reply)
    if not automatic:
        _count(simulation, workspace, lead, mail, "reply", "replied")
    event = "auto_reply_received" if automatic else "reply_received"
    _record(simulation, workspace, event, lead, mail, reply)
    campaign = workspace.campaigns.get(lead["campaign"] or "")
    stops = campaign and campaign["stop_on_auto_reply" if automatic else "stop_on_reply"]
    if stops and lead["status"] == 1:
        end_sequence(workspace, lead, COMPLETED)
    return reply


def bounced(simulation: Simulation, workspace: Workspace, lead: Row, mail: Row) -> None:
    end_sequence(workspace, lead, BOUNCED)
    _record(simulation, workspace, "email_bounced", lead, mail)


def unsubscribed(simulation: Simulation, workspace: Workspace, lead: Row, mail: Row) -> None:
    end_sequence(workspace, lead, UNSUBSCRIBED)
    _record(simulation, workspace, "lead_unsubscribed", lead, mail)


def finished_without_reply(simulation: Simulation, workspace: Workspace, lead: Row) -> None:
    """Complete a lead's sequence that got no reply, and record the event."""
    _, step, variant = workspace.threads[lead["id"]]["mails"][-1]
    end_sequence(workspace, lead, COMPLETED)
    event_recorder.record_event(
        simulation,
        workspace,
        "campaign_completed_for_lead_without_reply",
        campaign=workspace.campaigns.get(lead["campaign"]),
        lead=lead,
        step=step,
        variant=variant,
    )


def _reply_row(
    simulation: Simulation,
    workspace: Workspace,
    lead: Row,
    mail: Row,
    kind: str,
    automatic: bool,
    promise_ms: int | None,
) -> Row:
    now_ms = simulation.clock.now_ms()
    sending = workspace.sending.get(lead["campaign"] or "")
    content = replies.write(
        simulation.rng,
        kind,
        language=sending.language if sending else "en",
        subject=mail["subject"],
        mail_html=mail["body"].get("html", ""),
        mail_ms=parse_instant(mail["timestamp_email"]),
        now_ms=now_ms,
        sender=mail["eaccount"],
        sender_name=(workspace.accounts.get(mail["eaccount"]) or {}).get("first_name", ""),
        lead=lead,
        promise_ms=promise_ms,
    )
    return rows.email(
        simulation.ids.v7(now_ms),
        workspace.id,
        now_ms,
        html=content.html,
        text=content.text,
        subject=content.subject,
        from_address_email=lead["email"],
        to_address_email_list=mail["eaccount"],
        campaign_id=mail["campaign_id"],
        lead=lead["email"],
        lead_id=lead["id"],
        eaccount=mail["eaccount"],
        ue_type=2,
        subsequence_id=mail["subsequence_id"],
        step=mail["step"],
        is_unread=1,
        is_auto_reply=int(automatic),
        is_focused=int(not automatic),
        thread_id=mail["thread_id"],
        content_preview=content.snippet,
        attachment_json=_attachments(simulation),
    )


def _attachments(simulation: Simulation) -> Row | None:
    if not simulation.habits.attachment or not simulation.chance(simulation.habits.attachment):
        return None
    return {"files": [{"filename": "offer.pdf", "size": 48_213, "type": "application/pdf", "url": "https://files.example/offer.pdf",
                       "error": None}]}  # fmt: skip


def _set_last_contact(lead: Row, sender: str, moment: str) -> None:
    lead.update(
        timestamp_updated=moment,
        timestamp_last_contact=moment,
        timestamp_last_touch=moment,
        last_contacted_from=sender,
        last_step_from="campaign",
        last_step_timestamp_executed=moment,
        status_summary={"lastStep": {"from": "campaign", "timestamp_executed": moment}},
    )


def _count(simulation: Simulation, workspace: Workspace, lead: Row, mail: Row, noun: str, participle: str) -> None:
    """Update the lead's counter, step, variant and timestamps of opens, clicks or replies."""
    moment = iso(simulation.clock.now_ms())
    step, variant = step_and_variant(workspace, lead, mail)
    lead[f"email_{noun}_count"] += 1
    lead[f"email_{participle}_step"], lead[f"email_{participle}_variant"] = step, variant
    lead[f"timestamp_last_{noun}"] = lead["timestamp_last_touch"] = lead["timestamp_updated"] = moment


def _record(
    simulation: Simulation, workspace: Workspace, event: str, lead: Row, mail: Row, reply: Row | None = None
) -> None:
    step, variant = step_and_variant(workspace, lead, mail)
    event_recorder.record_event(
        simulation,
        workspace,
        event,
        campaign=workspace.campaigns.get(lead["campaign"] or ""),
        lead=lead,
        sender=mail["eaccount"],
        mail=mail,
        reply=reply,
        step=step,
        variant=variant,
    )


def _fill(template: str, workspace: Workspace, lead: Row, sender: str) -> str:
    """Return the template with its ``{{variables}}`` replaced."""
    account = workspace.accounts.get(sender) or {}
    values = {**lead["payload"], "email": lead["email"], "sendingAccountFirstName": account.get("first_name", "")}
    return VARIABLE.sub(lambda match: str(values.get(match[1]) or ""), template)
