"""What can happen to a campaign's mails and leads, each with everything that changes through it.

These functions decide nothing (that is ``actions``): they carry one occurrence out, on the rows, in the mailbox and in
the chronicle. They are called with the lock held.
"""

import re
from typing import TYPE_CHECKING, Any

from ..state import rows
from ..state.clock import iso, parse_instant
from ..state.tables import Row
from ..state.vocabulary import ACCOUNTS_UNHEALTHY, ACTIVE, BOUNCED, COMPLETED, UNSUBSCRIBED
from ..state.workspaces import Workspace
from . import replies

if TYPE_CHECKING:
    from ..fake import FakeInstantly

VARIABLE = re.compile(r"{{\s*(\w+)\s*}}")


def steps_of(campaign: Row) -> list[Row]:
    """The steps that are sent: those of the first sequence that have something to send."""
    sequences = campaign["sequences"] or []
    return [step for step in sequences[0]["steps"] if step["variants"]] if sequences else []


def enter(workspace: Workspace, lead: Row) -> None:
    """Note a lead that was just put into a campaign: its sequence has not begun."""
    sending = workspace.sending[lead["campaign"]]
    sending.fresh.append(lead["id"])
    sending.open_leads += 1
    if lead["email"]:
        sending.lead_of[lead["email"].lower()] = lead["id"]


def leave(workspace: Workspace, lead: Row) -> None:
    """Note a lead that is gone from its campaign (deleted or moved)."""
    sending = workspace.sending.get(lead["campaign"] or "")
    if sending is None:
        return
    if lead["status"] == 1:
        sending.open_leads -= 1
    sending.lead_of.pop((lead["email"] or "").lower(), None)
    for queue in (sending.fresh, sending.due):
        if lead["id"] in queue:
            queue.remove(lead["id"])


def send(fake: "FakeInstantly", workspace: Workspace, campaign: Row, lead: Row, sender: str, variant: int) -> Row:
    """Send the lead's next step (``variant`` from 0); answers the mail."""
    now_ms = fake.clock.now_ms()
    thread = workspace.threads.setdefault(lead["id"], {})
    mails: list[list[Any]] = thread.setdefault("mails", [])
    thread.setdefault("thread_id", fake.ids.v4())
    thread["sender"] = sender
    step = len(mails)
    written = steps_of(campaign)[step]["variants"][variant]
    subject = _fill(written["subject"], workspace, lead, sender) or f"Re: {thread.get('subject', '')}"
    thread.setdefault("subject", subject)
    mail = rows.email(
        fake.ids.v7(now_ms),
        workspace.id,
        now_ms,
        html=_fill(written["body"], workspace, lead, sender),
        text=None,
        subject=subject,
        from_address_email=sender,
        to_address_email_list=lead["email"],
        campaign_id=campaign["id"],
        lead=lead["email"],
        lead_id=lead["id"],
        eaccount=sender,
        ue_type=1,
        step=str(step + 1),
        thread_id=thread["thread_id"],
    )
    keep(fake, workspace, mail)
    mails.append([mail["id"], step + 1, variant + 1])
    moment = iso(now_ms)
    lead.update(
        timestamp_updated=moment,
        timestamp_last_contact=moment,
        timestamp_last_touch=moment,
        last_contacted_from=sender,
        last_step_from="campaign",
        last_step_timestamp_executed=moment,
        status_summary={"lastStep": {"from": "campaign", "timestamp_executed": moment}},
    )
    _happen(fake, workspace, "email_sent", lead, mail, step + 1, variant + 1, sender)
    return mail


def keep(fake: "FakeInstantly", workspace: Workspace, mail: Row) -> None:
    """Put a mail into the mailbox, within the limit of what is kept."""
    workspace.emails.add(mail)
    limit = fake.assumptions.emails_kept
    if len(workspace.emails) > limit * 1.05:
        workspace.emails.forget_oldest(limit)


def opened(fake: "FakeInstantly", workspace: Workspace, lead: Row, mail: Row) -> None:
    _react(fake, workspace, "email_opened", lead, mail, "open", "opened")


def clicked(fake: "FakeInstantly", workspace: Workspace, lead: Row, mail: Row) -> None:
    _react(fake, workspace, "link_clicked", lead, mail, "click", "clicked")


def replied(
    fake: "FakeInstantly", workspace: Workspace, lead: Row, mail: Row, *, kind: str, automatic: bool = False
) -> Row:
    """An answer arrives; answers its row in the mailbox. A human one ends the sequence where the campaign says so."""
    now_ms = fake.clock.now_ms()
    campaign = workspace.campaigns.get(lead["campaign"] or "")
    sending = workspace.sending.get(lead["campaign"] or "")
    answer = replies.write(
        fake.life.dice,
        kind,
        language=sending.language if sending else "en",
        subject=mail["subject"],
        mail_html=mail["body"].get("html", ""),
        mail_ms=parse_instant(mail["timestamp_email"]),
        sender=mail["eaccount"],
        domain=lead["company_domain"] or "company.example",
    )
    reply = rows.email(
        fake.ids.v7(now_ms),
        workspace.id,
        now_ms,
        html=answer.html,
        text=answer.text,
        subject=answer.subject,
        from_address_email=lead["email"],
        to_address_email_list=mail["eaccount"],
        campaign_id=mail["campaign_id"],
        lead=lead["email"],
        lead_id=lead["id"],
        eaccount=mail["eaccount"],
        ue_type=2,
        step=mail["step"],
        is_unread=1,
        is_auto_reply=int(automatic),
        is_focused=int(not automatic),
        thread_id=mail["thread_id"],
        content_preview=answer.snippet,
    )
    keep(fake, workspace, reply)
    event = "auto_reply_received" if automatic else "reply_received"
    step, variant = _place(workspace, lead, mail)
    if not automatic:
        _count(fake, lead, "reply", "replied", step, variant)
    _happen(fake, workspace, event, lead, mail, step, variant, mail["eaccount"], reply=reply)
    stops = campaign and campaign["stop_on_auto_reply" if automatic else "stop_on_reply"]
    if stops and lead["status"] == 1:
        close(workspace, lead, COMPLETED)
    return reply


def bounced(fake: "FakeInstantly", workspace: Workspace, lead: Row, mail: Row) -> None:
    step, variant = _place(workspace, lead, mail)
    close(workspace, lead, BOUNCED)
    _happen(fake, workspace, "email_bounced", lead, mail, step, variant, mail["eaccount"])


def unsubscribed(fake: "FakeInstantly", workspace: Workspace, lead: Row, mail: Row) -> None:
    step, variant = _place(workspace, lead, mail)
    close(workspace, lead, UNSUBSCRIBED)
    _happen(fake, workspace, "lead_unsubscribed", lead, mail, step, variant, mail["eaccount"])


def finished_without_reply(fake: "FakeInstantly", workspace: Workspace, lead: Row) -> None:
    """The last step went by and nothing came."""
    mails = workspace.threads[lead["id"]]["mails"]
    close(workspace, lead, COMPLETED)
    campaign = workspace.campaigns.get(lead["campaign"])
    event = "campaign_completed_for_lead_without_reply"
    fake.chronicle.happen(workspace, event, campaign=campaign, lead=lead, step=mails[-1][1], variant=mails[-1][2])


def close(workspace: Workspace, lead: Row, status: int) -> None:
    """End a lead's sequence with this status; a later, worse one (bounce, unsubscribe) replaces a completion."""
    sending = workspace.sending.get(lead["campaign"] or "")
    if lead["status"] == 1 and sending is not None:
        sending.open_leads -= 1
    lead["status"] = status


def set_status(fake: "FakeInstantly", workspace: Workspace, campaign: Row, status: int) -> None:
    rows.touched(campaign, fake.clock.now_ms(), status=status)
    workspace.campaigns_changed()


def recheck_health(fake: "FakeInstantly", workspace: Workspace) -> None:
    """A campaign all of whose accounts have errors becomes "Accounts Unhealthy", and active again when one is well."""
    for campaign in workspace.campaigns:
        if campaign["status"] not in (ACTIVE, ACCOUNTS_UNHEALTHY):
            continue
        accounts = [account for email in campaign["email_list"] if (account := workspace.accounts.get(email))]
        ill = bool(accounts) and all(account["status"] < 0 for account in accounts)
        status = ACCOUNTS_UNHEALTHY if ill else ACTIVE
        if campaign["status"] != status:
            set_status(fake, workspace, campaign, status)


def complete_campaign(fake: "FakeInstantly", workspace: Workspace, campaign: Row) -> None:
    set_status(fake, workspace, campaign, COMPLETED)
    fake.chronicle.happen(workspace, "campaign_completed", campaign=campaign)


def _react(
    fake: "FakeInstantly", workspace: Workspace, event: str, lead: Row, mail: Row, noun: str, participle: str
) -> None:
    step, variant = _place(workspace, lead, mail)
    _count(fake, lead, noun, participle, step, variant)
    _happen(fake, workspace, event, lead, mail, step, variant, mail["eaccount"])


def _count(fake: "FakeInstantly", lead: Row, noun: str, participle: str, step: int | None, variant: int | None) -> None:
    moment = iso(fake.clock.now_ms())
    lead[f"email_{noun}_count"] += 1
    lead[f"email_{participle}_step"], lead[f"email_{participle}_variant"] = step, variant
    lead[f"timestamp_last_{noun}"] = lead["timestamp_last_touch"] = lead["timestamp_updated"] = moment


def _place(workspace: Workspace, lead: Row, mail: Row) -> tuple[int | None, int | None]:
    """Step and variant of a mail sent to a lead."""
    for mail_id, step, variant in workspace.threads.get(lead["id"], {}).get("mails", []):
        if mail_id == mail["id"]:
            return step, variant
    return None, None


def _happen(
    fake: "FakeInstantly",
    workspace: Workspace,
    event: str,
    lead: Row,
    mail: Row,
    step: int | None,
    variant: int | None,
    sender: str,
    reply: Row | None = None,
) -> None:
    campaign = workspace.campaigns.get(lead["campaign"] or "")
    fake.chronicle.happen(
        workspace,
        event,
        campaign=campaign,
        lead=lead,
        sender=sender,
        mail=mail,
        reply=reply,
        step=step,
        variant=variant,
    )


def _fill(template: str, workspace: Workspace, lead: Row, sender: str) -> str:
    account = workspace.accounts.get(sender) or {}
    values = {**lead["payload"], "email": lead["email"], "sendingAccountFirstName": account.get("first_name", "")}
    return VARIABLE.sub(lambda match: str(values.get(match[1]) or ""), template)
