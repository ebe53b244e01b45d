"""Reads of the comparison system from the product's tables: two queries per request, pydantic rows.

The first query authenticates and finds the organization, the second reads.
"""

from datetime import datetime
from hashlib import sha512
from typing import Any
from uuid import UUID

from asyncpg import Pool
from fastapi import APIRouter, HTTPException, Request, Response
from pydantic import BaseModel, TypeAdapter

router = APIRouter(prefix="/api/instantly")

CALLER_SQL = """SELECT m.organization_id FROM knox_authtoken t JOIN accounts_user u ON u.id = t.user_id AND u.is_active
    JOIN accounts_membership m ON m.user_id = u.id WHERE t.digest = $1 AND (t.expiry IS NULL OR t.expiry > now())"""
CAMPAIGNS = """SELECT id, organization_id, provider, provider_id, name, status, status_at, not_sending, daily_limit, open_tracking,
        link_tracking, senders::text AS senders, assigned_at, provider_created_at, provider_updated_at, synced_at, missing_since,
        created_at, updated_at
    FROM campaigns_campaign WHERE organization_id = $1 ORDER BY name, id LIMIT $2 OFFSET $3"""
COUNT = "SELECT count(*) FROM campaigns_campaign WHERE organization_id = $1"
MESSAGE = """SELECT m.id, m.organization_id, m.campaign_id, m.contact_id, c.email, c.first_name, c.last_name, c.company, m.direction,
        m.is_auto_reply, m.step, m.variant, m.email_account, m.email_id, m.thread_id, m.subject, m.body_text, m.reply_text,
        m.happened_at, m.sent_at, m.opened_at, m.clicked_at, m.replied_at, m.bounced_at, m.open_count, m.click_count, m.created_at,
        m.updated_at
    FROM messaging_message m JOIN messaging_contact c ON c.id = m.contact_id"""
MESSAGES = f"""{MESSAGE} WHERE m.organization_id = $1 AND m.campaign_id = $2 ORDER BY m.happened_at DESC, m.id DESC
    LIMIT $3 OFFSET $4"""
MESSAGE_COUNT = "SELECT count(*) FROM messaging_message WHERE organization_id = $1 AND campaign_id = $2"
STATS = """SELECT coalesce(sum(sent), 0) AS sent, coalesce(sum(unique_opens), 0) AS opened, coalesce(sum(opens), 0) AS opens,
        coalesce(sum(unique_clicks), 0) AS clicked, coalesce(sum(unique_replies), 0) AS replied, coalesce(sum(bounces), 0) AS bounced
    FROM messaging_dailystats WHERE organization_id = $1"""
FEED = """SELECT position, id, type, detail, happened_at, recorded_at, campaign_id, contact_id, message_id, step, variant, email_account,
        lead_email, interest
    FROM messaging_event WHERE organization_id = $1 AND position > $2 ORDER BY position LIMIT $3"""

FOUND = f"""{MESSAGE} JOIN messaging_messagesearch s ON s.id = m.id
    WHERE s.organization_id = $1 AND s.search @@ sb_search_query($2) ORDER BY s.sent_at DESC, s.id DESC LIMIT $3"""
FOUND_COUNT = """SELECT count(*) FROM (SELECT FROM messaging_messagesearch
    WHERE organization_id = $1 AND search @@ sb_search_query($2) LIMIT 1001) AS found"""


class Campaign(BaseModel):
    id: UUID
    organization_id: UUID
    provider: str
    provider_id: str
    name: str
    status: str
    status_at: datetime | None
    not_sending: str
    daily_limit: int | None
    open_tracking: bool | None
    link_tracking: bool | None
    senders: str
    assigned_at: datetime | None
    provider_created_at: datetime | None
    provider_updated_at: datetime | None
    synced_at: datetime | None
    missing_since: datetime | None
    created_at: datetime
    updated_at: datetime


class Message(BaseModel):
    id: UUID
    organization_id: UUID
    campaign_id: UUID | None
    contact_id: UUID
    email: str
    first_name: str | None
    last_name: str | None
    company: str | None
    direction: str
    is_auto_reply: bool
    step: int
    variant: int
    email_account: str | None
    email_id: str | None
    thread_id: str | None
    subject: str | None
    body_text: str | None
    reply_text: str | None
    happened_at: datetime
    sent_at: datetime | None
    opened_at: datetime | None
    clicked_at: datetime | None
    replied_at: datetime | None
    bounced_at: datetime | None
    open_count: int
    click_count: int
    created_at: datetime
    updated_at: datetime


class Event(BaseModel):
    position: int
    id: int
    type: str
    detail: str
    happened_at: datetime
    recorded_at: datetime
    campaign_id: UUID | None
    contact_id: UUID | None
    message_id: UUID | None
    step: int
    variant: int
    email_account: str
    lead_email: str
    interest: str | None


CAMPAIGN_LIST = TypeAdapter(list[Campaign])
MESSAGE_LIST = TypeAdapter(list[Message])
EVENT_LIST = TypeAdapter(list[Event])


async def organization_of(request: Request) -> UUID:
    token = request.headers.get("authorization", "").removeprefix("Bearer ")
    pool: Pool = request.app.state.pool
    organization = await pool.fetchval(CALLER_SQL, sha512(token.encode()).hexdigest())
    if organization is None:
        raise HTTPException(401)
    return organization


def answer(rows: list[Any], kind: TypeAdapter[Any], count: int | None = None) -> Response:
    """Serialize rows by pydantic's own serializer, which is several times faster than FastAPI's response_model."""
    data = kind.dump_json(kind.validate_python([dict(row) for row in rows]))
    head = f'{{"success":true,"count":{"null" if count is None else count},"data":'.encode()
    return Response(head + data + b"}", media_type="application/json")


@router.get("/campaigns")
async def campaigns(request: Request, limit: int = 100, offset: int = 0) -> Response:
    organization, pool = await organization_of(request), request.app.state.pool
    rows = await pool.fetch(CAMPAIGNS, organization, limit, offset)
    return answer(rows, CAMPAIGN_LIST, await pool.fetchval(COUNT, organization))


@router.get("/campaign/{campaign}/messages")
async def messages(request: Request, campaign: UUID, limit: int = 100, offset: int = 0) -> Response:
    organization, pool = await organization_of(request), request.app.state.pool
    rows = await pool.fetch(MESSAGES, organization, campaign, limit, offset)
    return answer(rows, MESSAGE_LIST, await pool.fetchval(MESSAGE_COUNT, organization, campaign))


@router.get("/search/messages")
async def search(request: Request, query: str, limit: int = 50) -> Response:
    """Search the ordinary way: newest first by the index on text, counting as far as the product does."""
    organization, pool = await organization_of(request), request.app.state.pool
    rows = await pool.fetch(FOUND, organization, query, limit)
    return answer(rows, MESSAGE_LIST, await pool.fetchval(FOUND_COUNT, organization, query))


@router.get("/stats")
async def stats(request: Request) -> dict[str, Any]:
    organization = await organization_of(request)
    row = dict(await request.app.state.pool.fetchrow(STATS, organization))
    rates = {
        f"{name}_rate": round(row[name] / row["sent"], 4) if row["sent"] else None
        for name in ("opened", "clicked", "replied", "bounced")
    }
    return {"success": True, "data": row | rates}


@router.get("/events")
async def events(request: Request, since: int = 0, limit: int = 100) -> Response:
    organization = await organization_of(request)
    return answer(await request.app.state.pool.fetch(FEED, organization, since, limit), EVENT_LIST)
