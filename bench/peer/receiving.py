"""Event intake of the comparison system: validate, deduplicate, write contact, message, log, counters."""

import hmac
import os
from datetime import datetime
from hashlib import sha256
from uuid import UUID

import orjson
from asyncpg import Connection
from fastapi import APIRouter, HTTPException, Request
from pydantic import BaseModel, ConfigDict, Field

router = APIRouter()
SECRETS = {
    sha256(os.environ.get("PEER_SECRET", "").encode()).digest(): UUID(
        os.environ.get("PEER_CONNECTION", UUID(int=0).hex)
    )
}

DELIVERY = """INSERT INTO delivery (connection_id, digest, event_type, body) VALUES ($1, $2, $3, $4)
    ON CONFLICT (connection_id, digest) DO NOTHING RETURNING id"""
CAMPAIGN = "SELECT id, organization_id FROM campaign WHERE connection_id = $1 AND provider_id = $2"
CONTACT = """INSERT INTO contact AS c (organization_id, email, first_name, last_name, company, first_seen_at, replied_at, bounced_at,
        interest, interest_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
    ON CONFLICT (organization_id, email) DO UPDATE SET first_name = coalesce(excluded.first_name, c.first_name),
        last_name = coalesce(excluded.last_name, c.last_name), company = coalesce(excluded.company, c.company),
        first_seen_at = least(c.first_seen_at, excluded.first_seen_at), replied_at = least(c.replied_at, excluded.replied_at),
        bounced_at = least(c.bounced_at, excluded.bounced_at), interest = coalesce(excluded.interest, c.interest),
        interest_at = greatest(c.interest_at, excluded.interest_at), updated_at = now()
    RETURNING id"""
MESSAGE = """WITH known AS (
        SELECT sent_at, opened_at, clicked_at, replied_at, bounced_at FROM message
        WHERE campaign_id = $2 AND contact_id = $3 AND direction = $4 AND step = $5 AND variant = $6 AND mail = $7)
    INSERT INTO message AS m (organization_id, campaign_id, contact_id, direction, step, variant, mail, email_account, email_id, subject,
        body_text, body_html, happened_at, sent_at, opened_at, clicked_at, replied_at, bounced_at, open_count, click_count)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)
    ON CONFLICT (campaign_id, contact_id, direction, step, variant, mail) DO UPDATE SET
        email_id = coalesce(m.email_id, excluded.email_id), subject = coalesce(m.subject, excluded.subject),
        body_text = coalesce(m.body_text, excluded.body_text), body_html = coalesce(m.body_html, excluded.body_html),
        happened_at = least(m.happened_at, excluded.happened_at), sent_at = least(m.sent_at, excluded.sent_at),
        opened_at = least(m.opened_at, excluded.opened_at), clicked_at = least(m.clicked_at, excluded.clicked_at),
        replied_at = least(m.replied_at, excluded.replied_at), bounced_at = least(m.bounced_at, excluded.bounced_at),
        open_count = m.open_count + excluded.open_count, click_count = m.click_count + excluded.click_count, updated_at = now()
    RETURNING id, (SELECT opened_at FROM known) AS opened_before, (SELECT clicked_at FROM known) AS clicked_before,
        (SELECT replied_at FROM known) AS replied_before"""
EVENT = """INSERT INTO event (id, organization_id, campaign_id, contact_id, message_id, type, happened_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7)"""
COUNTERS = """INSERT INTO daily_stats AS s (organization_id, campaign_id, email_account, day, step, variant, sent, opens, unique_opens,
        clicks, unique_clicks, replies, unique_replies, bounces, interested)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
    ON CONFLICT (organization_id, campaign_id, email_account, day, step, variant) DO UPDATE SET sent = s.sent + excluded.sent,
        opens = s.opens + excluded.opens, unique_opens = s.unique_opens + excluded.unique_opens, clicks = s.clicks + excluded.clicks,
        unique_clicks = s.unique_clicks + excluded.unique_clicks, replies = s.replies + excluded.replies,
        unique_replies = s.unique_replies + excluded.unique_replies, bounces = s.bounces + excluded.bounces,
        interested = s.interested + excluded.interested"""


class Delivery(BaseModel):
    model_config = ConfigDict(extra="allow")

    timestamp: datetime
    event_type: str
    workspace: str
    campaign_id: str
    lead_email: str
    email_account: str = ""
    step: int = 0
    variant: int = 0
    email_id: str | None = None
    first_name: str | None = Field(None, alias="firstName")
    last_name: str | None = Field(None, alias="lastName")
    company: str | None = Field(None, alias="companyName")
    email_subject: str | None = None
    email_text: str | None = None
    email_html: str | None = None
    reply_subject: str | None = None
    reply_text: str | None = None


def digest(event: Delivery) -> bytes:
    identity = [
        event.workspace,
        event.event_type,
        event.campaign_id,
        event.lead_email,
        event.timestamp,
        event.email_id,
        event.step,
        event.variant,
    ]
    return sha256(orjson.dumps(identity)).digest()


@router.post("/webhooks/instantly/webhook")
async def receive(request: Request) -> dict[str, object]:
    offered = sha256(request.headers.get("x-webhook-secret", "").encode()).digest()
    connection_id = next((id for known, id in SECRETS.items() if hmac.compare_digest(known, offered)), None)
    if connection_id is None:
        raise HTTPException(401)
    raw = await request.body()
    try:
        event = Delivery.model_validate_json(raw)
    except ValueError as error:
        raise HTTPException(400, str(error)) from None
    async with request.app.state.pool.acquire() as connection, connection.transaction():
        id = await connection.fetchval(DELIVERY, connection_id, digest(event), event.event_type, raw)
        if id is not None:
            await record(connection, id, connection_id, event)
    return {"success": True, "message": "accepted" if id is not None else "known already"}


async def record(connection: Connection, id: int, connection_id: UUID, e: Delivery) -> None:
    campaign = await connection.fetchrow(CAMPAIGN, connection_id, e.campaign_id)
    if campaign is None:
        raise HTTPException(404, "unknown campaign")
    organization, campaign_id, at = campaign["organization_id"], campaign["id"], e.timestamp
    is_reply, verdict = e.event_type == "reply_received", e.event_type if e.event_type == "lead_interested" else None
    contact = await connection.fetchval(
        CONTACT, organization, e.lead_email, e.first_name, e.last_name, e.company, at, at if is_reply else None,
        at if e.event_type == "email_bounced" else None, verdict, at if verdict else None,
    )  # fmt: skip
    message, counted = None, dict.fromkeys(FIGURES, 0)
    if e.event_type == "lead_interested":
        counted["interested"] = 1
    else:
        message = await _message(connection, e, organization, campaign_id, contact, counted)
    await connection.execute(EVENT, id, organization, campaign_id, contact, message, e.event_type, at)
    key = organization, campaign_id, e.email_account, at.date(), e.step, e.variant
    await connection.execute(COUNTERS, *key, *counted.values())


FIGURES = (
    "sent",
    "opens",
    "unique_opens",
    "clicks",
    "unique_clicks",
    "replies",
    "unique_replies",
    "bounces",
    "interested",
)


async def _message(
    connection: Connection, e: Delivery, organization: UUID, campaign: UUID, contact: UUID, counted: dict[str, int]
) -> UUID:
    """Write the mail of the event, and add its counts; a reply is a mail of its own."""
    at, kind = e.timestamp, e.event_type
    sent, opened, clicked = kind == "email_sent", kind == "email_opened", kind == "link_clicked"
    replied, bounced = kind == "reply_received", kind == "email_bounced"
    row = await connection.fetchrow(
        MESSAGE, organization, campaign, contact, "out", e.step, e.variant, "", e.email_account, e.email_id if sent else None,
        e.email_subject, e.email_text, e.email_html, at, at if sent else None, at if opened else None, at if clicked else None,
        at if replied else None, at if bounced else None, int(opened), int(clicked),
    )  # fmt: skip
    counted |= {
        "sent": int(sent), "opens": int(opened), "unique_opens": int(opened and row["opened_before"] is None),
        "clicks": int(clicked), "unique_clicks": int(clicked and row["clicked_before"] is None),
        "replies": int(replied), "unique_replies": int(replied and row["replied_before"] is None), "bounces": int(bounced),
    }  # fmt: skip
    if not replied:
        return row["id"]
    reply = await connection.fetchrow(
        MESSAGE, organization, campaign, contact, "in", e.step, e.variant, e.email_id or at.isoformat(), e.email_account, e.email_id,
        e.reply_subject, e.reply_text, None, at, at, None, None, None, None, 0, 0,
    )  # fmt: skip
    return reply["id"]
