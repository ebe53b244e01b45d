"""Example requests to the emulator, one per operation, and a populated workspace to send them to."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from instantly.emulator import Access, FakeInstantly
from instantly.emulator.api import workspace_group

from .conftest import Api

SCHEDULE = {
    "schedules": [
        {
            "name": "Weekdays",
            "timing": {"from": "09:00", "to": "17:00"},
            "days": {"1": True, "2": True},
            "timezone": "Europe/Belgrade",
        }
    ]
}
SEQUENCES = [
    {"steps": [{"type": "email", "delay": 2, "variants": [{"subject": "Hello {{firstName}}", "body": "Hi<br/>there"}]}]}
]
MAILBOX: dict[str, Any] = {
    "email": "New.Sender@acme-outreach.example",
    "first_name": "New",
    "last_name": "Sender",
    "provider_code": 1,
    **{f"{protocol}_{part}": f"{protocol}-{part}" for protocol in ("imap", "smtp") for part in ("username", "host")},
    "imap_password": "not-a-secret",
    "smtp_password": "not-a-secret",
    "imap_port": 993,
    "smtp_port": 587,
}


class PopulatedWorkspace:
    """A workspace after half an hour of simulation, with at least one object of every kind."""

    def __init__(self, fake: FakeInstantly, access: Access) -> None:
        self.fake = fake
        self.access = access
        self.api = Api(fake, access.key)
        self.space = fake.workspaces[access.id]
        self.hook = self.api.post("/webhooks", target_hook_url="https://app.example/hook", event_type="all_events")
        fake.set_rate(4)
        fake.advance(1800)
        fake.set_rate(0)
        self.campaign = self.api.get("/campaigns", status=1)["items"][0]["id"]
        self.account = self.api.get("/accounts", status=1)["items"][0]["email"]
        self.list = self.api.post("/lead-lists", name="Fair visitors")["id"]
        self.tag = self.api.post("/custom-tags", label="VIP", description=None)["id"]
        self.api.post(
            "/custom-tags/toggle-resource",
            tag_ids=[self.tag],
            resource_type=2,
            resource_ids=[self.campaign],
            assign=True,
        )
        self.label = self.api.get("/lead-labels")["items"][0]["id"]
        self.job = self.api.post("/accounts/warmup/enable", emails=[self.account])["id"]
        self.entry = self.api.post("/block-lists-entries", bl_value="rival.example")["id"]
        self.key_row = self.api.post("/api-keys", name="Second", scopes=["campaigns:read"])["id"]
        self.member = self.api.post("/workspace-members", email="new@acme.example", role="editor")["id"]
        self.subsequence = self.api.post(
            "/subsequences", parent_campaign=self.campaign, name="Warm ones", conditions={"crm_status": [1]}
        )["id"]
        self.api.post("/email-verification", email="ada@lead.example")
        self.api.call("POST", f"/campaigns/{self.campaign}/share", expect=204)
        self.sub = fake.add_workspace("acme-sub", campaigns=[], accounts=["moving@acme-sub.example"])
        self.membership = fake.add_sub_workspace(access.id, self.sub.id)["id"]
        self.other = fake.add_workspace("acme-other", campaigns=[], accounts=[])

    def with_domain(self) -> dict[str, str]:
        """Give the workspace a domain, in case an earlier example removed it; returns an empty request part."""
        self.api.post("/workspaces/current/whitelabel-domain", domain="clients.acme.example")
        return {}

    @staticmethod
    def known(row: dict[str, Any] | None) -> dict[str, Any]:
        assert row is not None
        return row

    def lead(self) -> str:
        """Return the id of a contacted lead."""
        return next(
            row["id"] for row in self.space.leads if row["timestamp_last_contact"] and row["campaign"] == self.campaign
        )

    def lead_email(self) -> str:
        return str(self.known(self.space.leads.get(self.lead()))["email"])

    def received(self) -> str:
        return next(row["id"] for row in self.space.emails if row["ue_type"] == 2)

    def create(self, path: str, **body: Any) -> str:
        """Create an object that may be changed or removed; returns its id."""
        return str(self.api.post(path, **body)["id"])

    def create_campaign(self) -> str:
        return self.create("/campaigns", name="Short-lived", campaign_schedule=SCHEDULE, sequences=SEQUENCES)

    def create_lead(self) -> str:
        number = len(self.space.leads)
        return self.create("/leads", campaign=self.campaign, email=f"extra{number}@lead.example", first_name="Ada")

    def create_account(self) -> str:
        number = len(self.space.accounts)
        return str(self.api.post("/accounts", **{**MAILBOX, "email": f"extra{number}@acme.example"})["email"])

    def create_pending_member(self) -> str:
        invited = self.fake.add_workspace(f"invited-{len(self.fake.workspaces)}", campaigns=[], accounts=[])
        return self.create("/workspace-group-members", sub_workspace_id=invited.id)

    def accepted_member(self) -> str:
        row = self.space.members.get(self.member)
        assert row is not None
        row["accepted"] = True
        return str(row["email"])

    accept = staticmethod(workspace_group.accept)


Builder = Callable[[PopulatedWorkspace], dict[str, Any]]


def empty(populated: PopulatedWorkspace) -> dict[str, Any]:
    return {}


@dataclass(frozen=True)
class Example:
    """A request: values for the path's ``{names}``, a query, a body (None: no body)."""

    path: Builder = empty
    query: Builder = empty
    body: Builder | None = None
    status: int = 200
    check: Callable[[Any], bool] = field(default=lambda answer: True)


def by_path(name: str, value: Callable[[PopulatedWorkspace], str], **more: Any) -> Example:
    """Return an example whose path has one parameter: its name, and what returns its value."""
    return Example(path=lambda populated: {name: value(populated)}, **more)


def not_empty(answer: Any) -> bool:
    """True for a list with items: an empty one would fit any schema."""
    return len(answer["items"] if isinstance(answer, dict) else answer) > 0


CAMPAIGN: dict[str, Any] = {"path": lambda populated: {"id": populated.campaign}}
EXAMPLES: dict[str, Example] = {
    # workspace
    "GET /workspaces/current": Example(),
    "PATCH /workspaces/current": Example(body=lambda w: {"name": "acme", "org_logo_url": None}),
    "POST /workspaces/current/schedule-for-removal": Example(),
    "DELETE /workspaces/current/schedule-for-removal": Example(),
    "POST /workspaces/current/whitelabel-domain": Example(body=lambda w: {"domain": "clients.acme.example"}),
    "GET /workspaces/current/whitelabel-domain": Example(path=PopulatedWorkspace.with_domain),
    "DELETE /workspaces/current/whitelabel-domain": Example(path=PopulatedWorkspace.with_domain),
    "POST /workspaces/current/change-owner": Example(body=lambda w: {"email": w.accepted_member(), "sec": "123456"}),
    "POST /workspace-group-members": Example(body=lambda w: {"sub_workspace_id": w.other.id}),
    "GET /workspace-group-members": Example(query=lambda w: {"limit": 10}, check=not_empty),
    "GET /workspace-group-members/{id}": by_path("id", lambda w: w.membership),
    "DELETE /workspace-group-members/{id}": by_path("id", lambda w: w.create_pending_member()),
    "GET /workspace-group-members/admin": Example(),
    "POST /workspace-members": Example(body=lambda w: {"email": "third@acme.example", "role": "view"}),
    "GET /workspace-members": Example(query=lambda w: {"search": "acme"}, check=not_empty),
    "GET /workspace-members/{id}": by_path("id", lambda w: w.member),
    "PATCH /workspace-members/{id}": by_path(
        "id", lambda w: w.member, body=lambda w: {"nickname": "Nico", "role": "admin"}
    ),
    "DELETE /workspace-members/{id}": by_path(
        "id", lambda w: w.create("/workspace-members", email="gone@acme.example", role="view")
    ),
    "POST /api-keys": Example(body=lambda w: {"name": "Reader", "scopes": ["campaigns:read", "all:read"]}),
    "GET /api-keys": Example(check=not_empty),
    "DELETE /api-keys/{id}": by_path("id", lambda w: w.create("/api-keys", name="Gone", scopes=["all:all"])),
    "GET /workspace-billing/plan-details": Example(),
    "GET /workspace-billing/subscription-details": Example(),
    "GET /audit-logs": Example(query=lambda w: {"limit": 200, "activity_type": 9}),
    # campaigns
    "POST /campaigns": Example(
        body=lambda w: {"name": "New", "campaign_schedule": SCHEDULE, "sequences": SEQUENCES, "daily_limit": 30}
    ),
    "GET /campaigns": Example(query=lambda w: {"limit": 100, "status": 1, "tag_ids": w.tag}, check=not_empty),
    "POST /campaigns/{id}/activate": by_path("id", lambda w: w.create_campaign(), body=lambda w: {}),
    "POST /campaigns/{id}/pause": by_path("id", lambda w: w.create_campaign()),
    "GET /campaigns/{id}": Example(**CAMPAIGN),
    "PATCH /campaigns/{id}": by_path(
        "id", lambda w: w.create_campaign(), body=lambda w: {"name": "Renamed", "email_list": [w.account]}
    ),
    "DELETE /campaigns/{id}": by_path("id", lambda w: w.create_campaign()),
    "GET /campaigns/search-by-contact": Example(query=lambda w: {"search": w.lead_email()}, check=not_empty),
    "POST /campaigns/{id}/share": Example(**CAMPAIGN, status=204),
    "POST /campaigns/{id}/from-export": Example(**CAMPAIGN),
    "POST /campaigns/{id}/export": Example(**CAMPAIGN),
    "POST /campaigns/{id}/duplicate": Example(**CAMPAIGN, body=lambda w: {"name": "Copy"}),
    "GET /campaigns/count-launched": Example(),
    "POST /campaigns/{id}/variables": Example(**CAMPAIGN, body=lambda w: {"variables": ["budget", "season"]}),
    "GET /campaigns/{id}/sending-status": Example(**CAMPAIGN, query=lambda w: {"with_ai_summary": True}),
    "GET /campaigns/analytics": Example(
        query=lambda w: {"ids": [w.campaign], "start_date": "2026-03-01"}, check=not_empty
    ),
    "GET /campaigns/analytics/overview": Example(query=lambda w: {"id": w.campaign, "expand_crm_events": True}),
    "GET /campaigns/analytics/daily": Example(query=lambda w: {"campaign_id": w.campaign}, check=not_empty),
    "GET /campaigns/analytics/steps": Example(query=lambda w: {"include_opportunities_count": True}, check=not_empty),
    # subsequences
    "POST /subsequences": Example(
        body=lambda w: {"parent_campaign": w.campaign, "name": "Again", "conditions": {"reply_contains": "later"}}
    ),
    "GET /subsequences": Example(query=lambda w: {"parent_campaign": w.campaign}, check=not_empty),
    "POST /subsequences/{id}/duplicate": by_path(
        "id", lambda w: w.subsequence, body=lambda w: {"parent_campaign": w.campaign, "name": "Twin"}
    ),
    "POST /subsequences/{id}/pause": by_path("id", lambda w: w.subsequence),
    "POST /subsequences/{id}/resume": by_path("id", lambda w: w.subsequence),
    "GET /subsequences/analytics": Example(query=lambda w: {"campaign_id": w.campaign}, check=not_empty),
    "GET /subsequences/{id}": by_path("id", lambda w: w.subsequence),
    "PATCH /subsequences/{id}": by_path("id", lambda w: w.subsequence, body=lambda w: {"name": "Warmer"}),
    "DELETE /subsequences/{id}": by_path(
        "id", lambda w: w.create("/subsequences", parent_campaign=w.campaign, name="Gone", conditions={})
    ),
    "GET /subsequences/{id}/analytics/steps": by_path("id", lambda w: w.subsequence),
    "GET /subsequences/{id}/sending-status": by_path("id", lambda w: w.subsequence),
    # accounts
    "GET /account-campaign-mappings/{email}": by_path(
        "email", lambda w: w.known(w.space.campaigns.get(w.campaign))["email_list"][0], check=not_empty
    ),
    "POST /accounts": Example(body=lambda w: MAILBOX),
    "GET /accounts": Example(query=lambda w: {"limit": 100, "include_tags": True}, check=not_empty),
    "GET /accounts/{email}": by_path("email", lambda w: w.account),
    "PATCH /accounts/{email}": by_path("email", lambda w: w.create_account(), body=lambda w: {"daily_limit": 20}),
    "DELETE /accounts/{email}": by_path("email", lambda w: w.create_account()),
    "POST /accounts/pause": Example(body=lambda w: {"emails": [w.create_account(), "nobody@acme.example"]}),
    "POST /accounts/{email}/pause": by_path("email", lambda w: w.create_account()),
    "POST /accounts/{email}/resume": by_path("email", lambda w: w.create_account()),
    "POST /accounts/{email}/mark-fixed": by_path("email", lambda w: w.create_account()),
    "GET /accounts/ctd/status": Example(query=lambda w: {"host": "links.acme.example"}),
    "POST /accounts/test/vitals": Example(body=lambda w: {"accounts": [w.account, "sabine.lorenz@get-acme.example"]}),
    "POST /accounts/move": Example(
        body=lambda w: {
            "emails": ["moving@acme-sub.example"],
            "source_workspace_id": w.sub.id,
            "destination_workspace_id": w.access.id,
        }
    ),
    "POST /accounts/warmup/enable": Example(body=lambda w: {"emails": [w.account]}),
    "POST /accounts/warmup/disable": Example(
        body=lambda w: {"include_all_emails": True, "excluded_emails": [w.account]}
    ),
    "POST /accounts/warmup-analytics": Example(body=lambda w: {"emails": [w.account]}),
    "GET /accounts/analytics/daily": Example(query=lambda w: {"emails": [w.account]}, check=not_empty),
    # leads
    "POST /leads": Example(
        body=lambda w: {
            "campaign": w.campaign,
            "email": "ada@lead.example",
            "first_name": "Ada",
            "custom_variables": {"budget": 83.3, "vip": True, "note": None},
        }
    ),
    "DELETE /leads": Example(body=lambda w: {"campaign_id": w.campaign, "ids": [w.create_lead()]}),
    "POST /leads/list": Example(
        body=lambda w: {"campaign": w.campaign, "limit": 100, "filter": "FILTER_VAL_CONTACTED"}, check=not_empty
    ),
    "GET /leads/{id}": by_path("id", lambda w: w.lead()),
    "PATCH /leads/{id}": by_path(
        "id", lambda w: w.lead(), body=lambda w: {"job_title": "CTO", "lt_interest_status": 2}
    ),
    "DELETE /leads/{id}": by_path("id", lambda w: w.create_lead()),
    "POST /leads/merge": Example(body=lambda w: {"lead_id": w.create_lead(), "destination_lead_id": w.create_lead()}),
    "POST /leads/update-interest-status": Example(
        body=lambda w: {"lead_email": w.lead_email(), "interest_value": 1, "campaign_id": w.campaign}, status=202
    ),
    "POST /leads/bulk-assign": Example(
        body=lambda w: {"organization_user_ids": [w.space.row["owner"]], "campaign": w.campaign}, status=202
    ),
    "POST /leads/subsequence/move": Example(body=lambda w: {"subsequence_id": w.subsequence, "id": w.create_lead()}),
    "POST /leads/subsequence/remove": Example(body=lambda w: {"id": w.create_lead()}),
    "POST /leads/add": Example(
        body=lambda w: {"campaign_id": w.campaign, "leads": [{"email": "one@new.example", "last_name": "One"}]}
    ),
    "POST /leads/move": Example(body=lambda w: {"ids": [w.create_lead()], "to_list_id": w.list}),
    "POST /lead-labels": Example(body=lambda w: {"label": "Call in May", "interest_status_label": "neutral"}),
    "GET /lead-labels": Example(query=lambda w: {"interest_status": "positive"}, check=not_empty),
    "GET /lead-labels/{id}": by_path("id", lambda w: w.label),
    "PATCH /lead-labels/{id}": by_path("id", lambda w: w.label, body=lambda w: {"description": "Soon"}),
    "DELETE /lead-labels/{id}": by_path(
        "id",
        lambda w: w.create("/lead-labels", label="Gone", interest_status_label="negative"),
        body=lambda w: {"reassigned_status": 1},
    ),
    "POST /lead-labels/ai-reply-label": Example(body=lambda w: {"reply_text": "Let us have a meeting"}),
    "POST /lead-lists": Example(body=lambda w: {"name": "Spring fair"}),
    "GET /lead-lists": Example(query=lambda w: {"search": "fair"}, check=not_empty),
    "GET /lead-lists/{id}": by_path("id", lambda w: w.list),
    "PATCH /lead-lists/{id}": by_path("id", lambda w: w.list, body=lambda w: {"name": "Fair visitors 2026"}),
    "DELETE /lead-lists/{id}": by_path("id", lambda w: w.create("/lead-lists", name="Gone")),
    "GET /lead-lists/{id}/verification-stats": by_path("id", lambda w: w.list),
    # emails
    "POST /emails/test": Example(
        body=lambda w: {
            "eaccount": w.account,
            "to_address_email_list": "me@acme.example",
            "subject": "Test",
            "body": {"html": "Hi"},
        }
    ),
    "POST /emails/reply": Example(
        body=lambda w: {
            "eaccount": w.account,
            "reply_to_uuid": w.received(),
            "subject": "Re: yours",
            "body": {"text": "Thank you.\nThursday?"},
        }
    ),
    "POST /emails/forward": Example(
        body=lambda w: {
            "eaccount": w.account,
            "reply_to_uuid": w.received(),
            "subject": "Fwd: yours",
            "to_address_email_list": "boss@acme.example",
            "include_original_body": True,
        }
    ),
    "GET /emails": Example(
        query=lambda w: {"limit": 100, "email_type": "received", "sort_order": "asc"}, check=not_empty
    ),
    "GET /emails/{id}": by_path("id", lambda w: w.received()),
    "PATCH /emails/{id}": by_path("id", lambda w: w.received(), body=lambda w: {"is_unread": 0}),
    "DELETE /emails/{id}": by_path("id", lambda w: w.received()),
    "GET /emails/unread/count": Example(check=lambda answer: answer["count"] > 0),
    "POST /emails/threads/{thread_id}/mark-as-read": by_path(
        "thread_id", lambda w: w.known(w.space.emails.get(w.received()))["thread_id"]
    ),
    # webhooks
    "GET /webhooks": Example(query=lambda w: {"event_type": "all_events"}, check=not_empty),
    "POST /webhooks": Example(
        body=lambda w: {
            "target_hook_url": "https://app.example/other",
            "custom_interest_value": 10_001,
            "headers": {"X-Webhook-Secret": "made-up"},
            "campaign": w.campaign,
            "name": "Labels",
        }
    ),
    "GET /webhooks/{id}": by_path("id", lambda w: w.hook["id"]),
    "PATCH /webhooks/{id}": by_path("id", lambda w: w.hook["id"], body=lambda w: {"name": "Renamed"}),
    "DELETE /webhooks/{id}": by_path("id", lambda w: w.create("/webhooks", target_hook_url="https://app.example/gone")),
    "GET /webhooks/event-types": Example(),
    "POST /webhooks/{id}/test": by_path("id", lambda w: w.hook["id"]),
    "POST /webhooks/{id}/resume": by_path("id", lambda w: w.hook["id"]),
    "GET /webhook-events": Example(
        query=lambda w: {"limit": 100, "success": True, "from": "2026-03-02"}, check=not_empty
    ),
    "GET /webhook-events/{id}": by_path("id", lambda w: next(iter(w.space.webhook_events))["id"]),
    "GET /webhook-events/summary": Example(query=lambda w: {"from": "2026-03-01", "to": "2026-03-31"}),
    "GET /webhook-events/summary-by-date": Example(check=not_empty),
    # other
    "GET /background-jobs": Example(query=lambda w: {"type": "update-warmup-accounts"}, check=not_empty),
    "GET /background-jobs/{id}": by_path("id", lambda w: w.job),
    "GET /custom-tag-mappings": Example(query=lambda w: {"resource_ids": w.campaign}, check=not_empty),
    "POST /custom-tags": Example(body=lambda w: {"label": "Renewal"}),
    "GET /custom-tags": Example(query=lambda w: {"resource_ids": w.campaign}, check=not_empty),
    "GET /custom-tags/{id}": by_path("id", lambda w: w.tag),
    "PATCH /custom-tags/{id}": by_path("id", lambda w: w.tag, body=lambda w: {"description": "Very important"}),
    "DELETE /custom-tags/{id}": by_path("id", lambda w: w.create("/custom-tags", label="Gone")),
    "POST /custom-tags/toggle-resource": Example(
        body=lambda w: {"tag_ids": [w.tag], "resource_type": 1, "resource_ids": [w.account], "assign": True}
    ),
    "POST /block-lists-entries": Example(body=lambda w: {"bl_value": "someone@rival.example"}),
    "GET /block-lists-entries": Example(query=lambda w: {"domains_only": True}, check=not_empty),
    "DELETE /block-lists-entries": Example(query=lambda w: {"search": "nothing-like-it"}),
    "GET /block-lists-entries/{id}": by_path("id", lambda w: w.entry),
    "PATCH /block-lists-entries/{id}": by_path("id", lambda w: w.entry, body=lambda w: {"bl_value": "rival.example"}),
    "DELETE /block-lists-entries/{id}": by_path(
        "id", lambda w: w.create("/block-lists-entries", bl_value="gone.example")
    ),
    "POST /block-lists-entries/bulk-create": Example(body=lambda w: {"bl_values": ["a@b.example", "nonsense"]}),
    "POST /block-lists-entries/bulk-delete": Example(
        body=lambda w: {"ids": [w.create("/block-lists-entries", bl_value="gone.example")]}, check=not_empty
    ),
    "GET /block-lists-entries/download": Example(),
    "POST /email-verification": Example(body=lambda w: {"email": "ada@lead.example"}),
    "GET /email-verification/{email}": by_path("email", lambda w: "ada@lead.example"),
}
