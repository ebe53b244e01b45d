"""Conformance of the client to Instantly's OpenAPI document and sample responses.

Skipped where these files are not stored beside the checkout.
"""

import json
from pathlib import Path

import pytest
from pydantic import BaseModel

from instantly import schemas
from instantly.client import OPERATIONS
from instantly.client.errors import InstantlyError

FACTS = Path(__file__).resolve().parents[4] / "shared" / "instantly"
DOCUMENT = FACTS / "instantly-openapi.json"
SAMPLES = FACTS / "samples" / "api"

pytestmark = pytest.mark.skipif(
    not DOCUMENT.is_file(),
    reason="the vendor's OpenAPI document is not beside this checkout (../shared/instantly): nothing to compare with",
)


@pytest.fixture(scope="module")
def document() -> dict:
    return json.loads(DOCUMENT.read_text())


def resolved(document: dict, node: dict) -> dict:
    while "$ref" in node:
        target = document
        for step in node["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        node = target
    return node


def schema_of(document: dict, holder: dict) -> dict:
    return resolved(document, resolved(document, holder)["content"]["application/json"]["schema"])


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_is_the_vendors_with_the_same_method_path_and_names(document, name):
    operation = OPERATIONS[name]
    described = document["paths"][f"/api/v2{operation.path}"][operation.method.lower()]
    parameters = [resolved(document, parameter) for parameter in described.get("parameters", [])]
    query = {parameter["name"] for parameter in parameters if parameter["in"] == "query"}
    required = {p["name"] for p in parameters if p["in"] == "query" and p.get("required")}

    assert set(operation.query) <= query
    assert required <= set(operation.query)
    assert {p["name"] for p in parameters if p["in"] == "path"} == {
        part[1:-1] for part in operation.path.split("/") if part.startswith("{")
    }
    if not operation.body:
        return
    body = schema_of(document, described["requestBody"])
    assert set(operation.body) <= set(body["properties"])
    assert set(body.get("required") or ()) <= set(operation.body)


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_names_a_scope_the_vendor_names(document, name):
    operation = OPERATIONS[name]
    told = document["paths"][f"/api/v2{operation.path}"][operation.method.lower()].get("description", "")

    if "scopes:" in told and operation.scope:
        assert f"`{operation.scope}`" in told


def test_only_operations_with_a_body_send_one_and_every_post_does(document):
    for operation in OPERATIONS.values():
        assert (operation.body is None) == (operation.method in ("GET", "DELETE"))


OBJECTS: dict[str, type[BaseModel]] = {
    "campaign": schemas.Campaign,
    "email_account": schemas.EmailAccount,
    "lead": schemas.Lead,
    "email": schemas.Email,
    "webhook": schemas.Webhook,
    "webhook_event": schemas.WebhookEvent,
    "background_job": schemas.BackgroundJob,
    "current_workspace": schemas.Workspace,
    "plan_details": schemas.PlanDetails,
    "campaign_analytics_overview": schemas.CampaignOverview,
    "webhook_events_summary": schemas.WebhookEventsSummary,
    "warmup_analytics": schemas.WarmupAnalytics,
    "campaign_sending_status": schemas.SendingStatus,
    "test_webhook": schemas.WebhookTest,
    "add_leads": schemas.LeadsAdded,
}


@pytest.mark.parametrize("name", OBJECTS)
def test_a_model_has_every_documented_field_and_requires_no_optional_one(document, name):
    operation, model = OPERATIONS[name], OBJECTS[name]
    described = document["paths"][f"/api/v2{operation.path}"][operation.method.lower()]
    schema = schema_of(document, described["responses"]["200"])

    assert set(schema["properties"]) <= set(model.model_fields)
    required = {field for field, info in model.model_fields.items() if info.is_required()}
    if name != "test_webhook":  # its schema names nothing as required
        assert required <= set(schema.get("required") or ())


def test_the_numbers_of_the_vendors_enumerations_all_have_words(document):
    def numbers(name: str, field: str) -> set[int]:
        operation = OPERATIONS[name]
        described = document["paths"][f"/api/v2{operation.path}"][operation.method.lower()]
        schema = resolved(document, schema_of(document, described["responses"]["200"])["properties"][field])
        return {number for number in schema["enum"] if number is not None}

    for name, field, ours in (
        ("campaign", "status", schemas.CampaignStatus),
        ("campaign", "not_sending_status", schemas.NotSending),
        ("email_account", "status", schemas.EmailAccountStatus),
        ("email_account", "warmup_status", schemas.WarmupStatus),
        ("email_account", "provider_code", schemas.MailProvider),
        ("lead", "status", schemas.LeadStatus),
        ("lead", "lt_interest_status", schemas.InterestStatus),
        ("email", "ue_type", schemas.EmailKind),
    ):
        assert numbers(name, field) == {int(number) for number in ours}, (name, field)


# sample file -> (model, how a method gets it, for those that are lists)
SAMPLE_CALLS = {
    "GET_accounts.json": (schemas.EmailAccount, lambda c: c.email_accounts()),
    "GET_api-keys.json": (schemas.ApiKey, lambda c: c.api_keys()),
    "GET_background-jobs.json": (schemas.BackgroundJob, lambda c: c.background_jobs()),
    "GET_campaigns.json": (schemas.Campaign, lambda c: c.campaigns()),
    "GET_campaigns_analytics.json": (schemas.CampaignAnalytics, lambda c: c.campaign_analytics()),
    "GET_campaigns_analytics_daily.json": (schemas.CampaignDay, lambda c: c.campaign_analytics_daily()),
    "GET_campaigns_analytics_overview.json": (schemas.CampaignOverview, lambda c: c.campaign_analytics_overview()),
    "GET_campaigns_analytics_steps.json": (schemas.CampaignStep, lambda c: c.campaign_analytics_steps()),
    "GET_custom-tags.json": (schemas.CustomTag, lambda c: c.custom_tags()),
    "GET_emails.json": (schemas.Email, lambda c: c.emails()),
    "GET_lead-labels.json": (schemas.LeadLabel, lambda c: c.lead_labels()),
    "GET_webhook-events.json": (schemas.WebhookEvent, lambda c: c.webhook_events()),
    "GET_webhook-events_summary-by-date.json": (schemas.WebhookEventsDay, lambda c: c.webhook_events_by_date()),
    "GET_webhook-events_summary.json": (schemas.WebhookEventsSummary, lambda c: c.webhook_events_summary()),
    "GET_webhooks.json": (schemas.Webhook, lambda c: c.webhooks()),
    "GET_webhooks_event-types.json": (schemas.WebhookEventType, lambda c: c.webhook_event_types()),
    "GET_workspace-billing_plan-details.json": (schemas.PlanDetails, lambda c: c.plan_details()),
    "GET_workspace-group-members.json": (schemas.WorkspaceGroupMember, lambda c: c.workspace_group_members()),
    "GET_workspaces_current.json": (schemas.Workspace, lambda c: c.current_workspace()),
    "POST_accounts_warmup-analytics.json": (schemas.WarmupAnalytics, lambda c: c.warmup_analytics(["a@x.example"])),
    "POST_leads_add.json": (schemas.LeadsAdded, lambda c: c.add_leads([{"email": "a@x.example"}], campaign_id="c")),
    "POST_leads_list.json": (schemas.Lead, lambda c: c.leads()),
    "POST_webhooks_id_test.json": (schemas.WebhookTest, lambda c: c.test_webhook("h-1")),
}


@pytest.mark.parametrize("name", SAMPLE_CALLS)
def test_a_sample_answer_is_read_without_a_field_left_over(client, server, answers, name):
    model, call = SAMPLE_CALLS[name]
    sample = json.loads((SAMPLES / name).read_text())
    server.will(answers.json(sample), answers.json({"items": []}))

    result = call(client)
    found = list(result) if hasattr(result, "__next__") else [result]

    assert [type(one) for one in found] == [model]
    assert found[0].model_extra == {}
    assert getattr(result, "rejected", []) == []


def test_the_unread_sample_is_a_number(client, server, answers):
    server.always = answers.json(json.loads((SAMPLES / "GET_emails_unread_count.json").read_text()))

    assert client.unread_count() == 100


@pytest.mark.parametrize("status", [401, 402, 404, 429])
def test_a_sample_of_an_error_is_quoted(client, server, answers, status):
    sample = json.loads((SAMPLES / f"ERROR_{status}.json").read_text())
    server.always = answers.json(sample, status)

    with pytest.raises(InstantlyError, match=sample["message"]) as caught:
        client.current_workspace()

    assert caught.value.status == status


def test_every_sample_is_tried_or_known_to_be_of_no_use_here():
    elsewhere = {"GET_workspace-group-members_admin.json", "GET_emails_unread_count.json"}

    assert {path.name for path in SAMPLES.glob("[GP]*.json")} == set(SAMPLE_CALLS) | elsewhere
