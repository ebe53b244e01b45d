"""Constructors of the emulator's rows with every field that Instantly's API documents."""

from typing import Any

from .clock import iso
from .tables import Row

DEFAULT_WARMUP: Row = {
    "limit": 10,
    "advanced": {
        "warm_ctd": False,
        "open_rate": 0.95,
        "important_rate": 0.8,
        "read_emulation": False,
        "spam_save_rate": 0.02,
        "weekday_only": False,
    },
    "warmup_custom_ftag": "warmup",
    "increment": "1",
    "reply_rate": 0.3,
}


def workspace(id: str, name: str, owner: str, ms: int) -> Row:
    return {
        "id": id,
        "timestamp_created": iso(ms),
        "timestamp_updated": iso(ms),
        "scheduled_for_removal_at": None,
        "owner": owner,
        "name": name,
        "plan_id": "pid_hg_v1",
        "plan_id_bundle": None,
        "add_unsub_to_block": False,
        "default_opportunity_value": 1000,
        "plan_id_leadfinder": None,
        "org_logo_url": None,
        "org_client_domain": None,
        "plan_id_crm": None,
        "plan_id_website_visitor": None,
        "plan_id_inbox_placement": None,
    }


def campaign(id: str, name: str, workspace_id: str, owner: str, ms: int, **given: Any) -> Row:
    return {
        "id": id,
        "name": name,
        "pl_value": 100,
        "status": 0,
        "is_evergreen": False,
        "campaign_schedule": given.pop("campaign_schedule"),
        "sequences": [],
        "timestamp_created": iso(ms),
        "timestamp_updated": iso(ms),
        "email_gap": 10,
        "random_wait_max": 5,
        "text_only": False,
        "first_email_text_only": False,
        "email_list": [],
        "daily_limit": 50,
        "stop_on_reply": True,
        "email_tag_list": [],
        "link_tracking": True,
        "open_tracking": True,
        "stop_on_auto_reply": False,
        "daily_max_leads": None,
        "prioritize_new_leads": False,
        "match_lead_esp": False,
        "stop_for_company": False,
        "core_variables": None,
        "custom_variables": None,
        "insert_unsubscribe_header": False,
        "allow_risky_contacts": False,
        "disable_bounce_protect": False,
        "cc_list": [],
        "bcc_list": [],
        "organization": workspace_id,
        "owned_by": owner,
        "ai_sdr_id": None,
        "provider_routing_rules": [],
        **given,
    }


def account(email: str, first_name: str, last_name: str, workspace_id: str, owner: str, ms: int, **given: Any) -> Row:
    return {
        "email": email,
        "timestamp_created": iso(ms),
        "timestamp_updated": iso(ms),
        "first_name": first_name,
        "last_name": last_name,
        "warmup": DEFAULT_WARMUP,
        "added_by": owner,
        "daily_limit": 50,
        "daily_limit_max": None,
        "warmup_limit_max": None,
        "modified_by": None,
        "tracking_domain_name": None,
        "tracking_domain_status": None,
        "status": 1,
        "enable_slow_ramp": False,
        "inbox_placement_test_limit": None,
        "organization": workspace_id,
        "warmup_status": 1,
        "timestamp_warmup_start": iso(ms),
        "provider_code": 2,
        "setup_pending": False,
        "is_managed_account": False,
        "stat_warmup_score": 100,
        "sending_gap": 10,
        "signature": None,
        "reply_to": None,
        "autofix_failed": None,
        **given,
    }


def lead(id: str, email: str | None, workspace_id: str, ms: int, **given: Any) -> Row:
    """Return a new lead's row; ``given`` may contain ``custom_variables``, which the API returns inside ``payload``."""
    custom = given.pop("custom_variables", None) or {}
    row: Row = {
        "id": id,
        "timestamp_created": iso(ms),
        "timestamp_updated": iso(ms),
        "organization": workspace_id,
        "campaign": None,
        "status": 1,
        "email": email,
        "personalization": None,
        "website": None,
        "last_name": None,
        "first_name": None,
        "company_name": None,
        "job_title": None,
        "phone": None,
        "email_open_count": 0,
        "email_reply_count": 0,
        "email_click_count": 0,
        "company_domain": (email or "").rpartition("@")[2],
        "status_summary": {},
        "subsequence_id": None,
        "pl_value_lead": None,
        "timestamp_added_subsequence": None,
        "timestamp_last_contact": None,
        "timestamp_last_open": None,
        "timestamp_last_reply": None,
        "timestamp_last_interest_change": None,
        "timestamp_last_click": None,
        "list_id": None,
        "last_contacted_from": None,
        "uploaded_by_user": None,
        "upload_method": "api",
        "assigned_to": None,
        "is_website_visitor": None,
        "timestamp_last_touch": None,
        "esp_code": 999,
        **given,
    }
    row["payload"] = lead_variables(row, custom)
    return row


def lead_variables(row: Row, custom: Row) -> Row:
    """A lead's variables as reads and webhooks show them: standard fields in camel case, then custom variables."""
    standard = {
        "firstName": row["first_name"],
        "lastName": row["last_name"],
        "companyName": row["company_name"],
        "jobTitle": row["job_title"],
        "website": row["website"],
        "phone": row["phone"],
        "personalization": row["personalization"],
    }
    return {**{name: value for name, value in standard.items() if value is not None}, **custom}


def email(id: str, workspace_id: str, ms: int, *, html: str | None, text: str | None, **given: Any) -> Row:
    body = {kind: content for kind, content in (("text", text), ("html", html)) if content is not None}
    return {
        "id": id,
        "timestamp_created": iso(ms),
        "timestamp_email": iso(ms),
        "message_id": f"<{id}@mail.example>",
        "cc_address_email_list": None,
        "bcc_address_email_list": None,
        "reply_to": None,
        "body": body,
        "organization_id": workspace_id,
        "campaign_id": None,
        "subsequence_id": None,
        "list_id": None,
        "lead": None,
        "lead_id": None,
        "ue_type": 3,
        "step": None,
        "is_unread": 0,
        "is_auto_reply": 0,
        "reminder_ts": None,
        "ai_interest_value": None,
        "ai_assisted": 0,
        "ai_agent_id": None,
        "is_focused": 1,
        "i_status": None,
        "content_preview": (text or html or "")[:120],
        "attachment_json": None,
        **given,
    }


def webhook(id: str, workspace_id: str, ms: int, **given: Any) -> Row:
    return {
        "id": id,
        "organization": workspace_id,
        "campaign": None,
        "name": None,
        "target_hook_url": "",
        "custom_interest_value": None,
        "headers": None,
        "timestamp_created": iso(ms),
        "status": 1,
        "timestamp_error": None,
        **given,
    }


def job(id: str, workspace_id: str, ms: int, type: str, **given: Any) -> Row:
    return {
        "id": id,
        "workspace_id": workspace_id,
        "user_id": None,
        "type": type,
        "progress": 0,
        "status": "pending",
        "created_at": iso(ms),
        "updated_at": iso(ms),
        **given,
    }


def update_row(row: Row, ms: int, **changes: Any) -> Row:
    """Apply changes and set ``timestamp_updated``; returns the same row."""
    row.update(changes, timestamp_updated=iso(ms))
    return row
