"""Methods of the Instantly client: one API operation each, Instantly's names, parsed responses."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest

from instantly import schemas
from instantly.client import OPERATIONS, errors

CAMPAIGN = {"id": "c-1", "name": "Spring", "status": 1}
ACCOUNT = {"email": "a+b@x.example", "status": 1}
LEAD = {"id": "l-1", "status": 1, "email": "p@y.example"}
MAIL = {"id": "m-1", "timestamp_created": "2026-08-13T11:11:58.104Z"}
HOOK = {"id": "h-1", "target_hook_url": "https://us.example/hook"}
JOB = {"id": "675266e304a8e55b17f0228b", "status": "pending"}
NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def listed(item: dict) -> dict:
    return {"items": [item]}


P = "100"  # the page size as it goes out in a query

# operation -> (call, answer, path, query, body); a listing is turned into a list before it is looked at.
CALLS: dict[str, tuple[Callable[[Any], Any], Any, str, dict[str, Any], Any]] = {
    "current_workspace": (lambda c: c.current_workspace(), {"id": "w", "name": "n"}, "/workspaces/current", {}, None),
    "workspace_group_members": (
        lambda c: c.workspace_group_members(), listed({"id": "g", "sub_workspace_id": "s", "status": "accepted"}),
        "/workspace-group-members", {"limit": P}, None,
    ),
    "plan_details": (lambda c: c.plan_details(), {"subscriptions": {}}, "/workspace-billing/plan-details", {}, None),
    "api_keys": (lambda c: c.api_keys(), listed({"id": "k"}), "/api-keys", {"limit": P}, None),
    "custom_tags": (
        lambda c: c.custom_tags(search="s", tag_ids=["t1", "t2"], resource_ids=["a@x.example"]),
        listed({"id": "t1", "label": "L"}), "/custom-tags",
        {"limit": P, "search": "s", "tag_ids": "t1,t2", "resource_ids": "a@x.example"}, None,
    ),
    "background_jobs": (
        lambda c: c.background_jobs(ids=["1", "2"], type="move-leads", status="failed", entity_type="list", entity_id="e"),
        listed(JOB), "/background-jobs",
        {"limit": P, "ids": "1,2", "type": "move-leads", "status": "failed", "entity_type": "list", "entity_id": "e"}, None,
    ),
    "background_job": (
        lambda c: c.background_job(JOB["id"], data_fields=["success_count", "failed_count"]), JOB,
        f"/background-jobs/{JOB['id']}", {"data_fields": "success_count,failed_count"}, None,
    ),
    "campaigns": (
        lambda c: c.campaigns(search="a&b", status=schemas.CampaignStatus.DRAFT, exclude_status=-99, tag_ids=["t"]),
        listed(CAMPAIGN), "/campaigns",
        {"limit": P, "search": "a&b", "status": "0", "exclude_status": "-99", "tag_ids": "t"}, None,
    ),
    "campaign": (lambda c: c.campaign("c-1"), CAMPAIGN, "/campaigns/c-1", {}, None),
    "create_campaign": (
        lambda c: c.create_campaign(name="N", campaign_schedule={"schedules": []}, daily_limit=5), CAMPAIGN,
        "/campaigns", {}, {"name": "N", "campaign_schedule": {"schedules": []}, "daily_limit": 5},
    ),
    "update_campaign": (
        lambda c: c.update_campaign("c-1", name="M", daily_limit=None), CAMPAIGN,
        "/campaigns/c-1", {}, {"name": "M", "daily_limit": None},
    ),
    "delete_campaign": (lambda c: c.delete_campaign("c-1"), CAMPAIGN, "/campaigns/c-1", {}, None),
    "activate_campaign": (lambda c: c.activate_campaign("c-1"), CAMPAIGN, "/campaigns/c-1/activate", {}, {}),
    "pause_campaign": (lambda c: c.pause_campaign("c-1"), CAMPAIGN, "/campaigns/c-1/pause", {}, {}),
    "duplicate_campaign": (
        lambda c: c.duplicate_campaign("c-1", name="C"), CAMPAIGN, "/campaigns/c-1/duplicate", {}, {"name": "C"},
    ),
    "export_campaign": (lambda c: c.export_campaign("c-1"), CAMPAIGN, "/campaigns/c-1/export", {}, {}),
    "campaign_sending_status": (
        lambda c: c.campaign_sending_status("c-1", with_ai_summary=False),
        {"diagnostics": {"status": "out_of_schedule"}, "summary": None},
        "/campaigns/c-1/sending-status", {"with_ai_summary": "false"}, None,
    ),
    "campaign_analytics": (
        lambda c: c.campaign_analytics(
            ids=["c-1", "c-2"], start_date=date(2026, 3, 1), end_date="2026-03-31", exclude_total_leads_count=True
        ),
        [{"campaign_id": "c-1"}], "/campaigns/analytics",
        {"ids": ["c-1", "c-2"], "start_date": "2026-03-01", "end_date": "2026-03-31", "exclude_total_leads_count": "true"},
        None,
    ),
    "campaign_analytics_overview": (
        lambda c: c.campaign_analytics_overview(
            ids=["c-1"], start_date="2026-03-01", end_date="2026-03-02", campaign_status=1, expand_crm_events=True
        ),
        {"open_count": 3}, "/campaigns/analytics/overview",
        {
            "ids": "c-1", "start_date": "2026-03-01", "end_date": "2026-03-02", "campaign_status": "1",
            "expand_crm_events": "true",
        },
        None,
    ),
    "campaign_analytics_daily": (
        lambda c: c.campaign_analytics_daily(
            campaign_id="c-1", start_date="2026-03-01", end_date="2026-03-02", campaign_status=2
        ),
        [{"date": "2026-03-01", "sent": 4}], "/campaigns/analytics/daily",
        {"campaign_id": "c-1", "start_date": "2026-03-01", "end_date": "2026-03-02", "campaign_status": "2"}, None,
    ),
    "campaign_analytics_steps": (
        lambda c: c.campaign_analytics_steps(
            campaign_id="c-1", start_date="2026-03-01", end_date="2026-03-02", include_opportunities_count=True
        ),
        [{"step": "1", "variant": "0", "sent": 4}], "/campaigns/analytics/steps",
        {
            "campaign_id": "c-1", "start_date": "2026-03-01", "end_date": "2026-03-02",
            "include_opportunities_count": "true",
        },
        None,
    ),
    "email_accounts": (
        lambda c: c.email_accounts(
            search="x", status=-1, provider_code=2, tag_ids=["t"], include_tags=True, filter="ACC_FILTER_ERROR"
        ),
        listed(ACCOUNT), "/accounts",
        {
            "limit": P, "search": "x", "status": "-1", "provider_code": "2", "tag_ids": "t", "include_tags": "true",
            "filter": "ACC_FILTER_ERROR",
        },
        None,
    ),
    "email_account": (
        lambda c: c.email_account("a+b/c?@x.example"), ACCOUNT, "/accounts/a%2Bb%2Fc%3F%40x.example", {}, None,
    ),
    "update_email_account": (
        lambda c: c.update_email_account("a@x.example", daily_limit=9), ACCOUNT,
        "/accounts/a%40x.example", {}, {"daily_limit": 9},
    ),
    "pause_email_account": (
        lambda c: c.pause_email_account("a@x.example"), ACCOUNT, "/accounts/a%40x.example/pause", {}, {},
    ),
    "resume_email_account": (
        lambda c: c.resume_email_account("a@x.example"), ACCOUNT, "/accounts/a%40x.example/resume", {}, {},
    ),
    "enable_warmup": (
        lambda c: c.enable_warmup(["a@x.example"]), JOB, "/accounts/warmup/enable", {}, {"emails": ["a@x.example"]},
    ),
    "disable_warmup": (
        lambda c: c.disable_warmup(["a@x.example"]), JOB, "/accounts/warmup/disable", {}, {"emails": ["a@x.example"]},
    ),
    "move_email_accounts": (
        lambda c: c.move_email_accounts(["a@x.example"], source="w-1", destination="w-2"), {"status": "success"}, "/accounts/move", {},
        {"emails": ["a@x.example"], "source_workspace_id": "w-1", "destination_workspace_id": "w-2"},
    ),
    "warmup_analytics": (
        lambda c: c.warmup_analytics(["a@x.example"]), {"email_date_data": {}},
        "/accounts/warmup-analytics", {}, {"emails": ["a@x.example"]},
    ),
    "email_account_analytics_daily": (
        lambda c: c.email_account_analytics_daily(
            ["a@x.example", "b@x.example"], start_date=date(2026, 3, 1), end_date=date(2026, 3, 31)
        ),
        [{"date": "2026-03-01", "email_account": "a@x.example", "sent": 1}], "/accounts/analytics/daily",
        {"emails": ["a@x.example", "b@x.example"], "start_date": "2026-03-01", "end_date": "2026-03-31"}, None,
    ),
    "add_leads": (
        lambda c: c.add_leads(
            [{"email": "p@y.example", "first_name": "P", "custom_variables": {"city": "Bern", "n": 1}}],
            campaign_id="c-1", skip_if_in_workspace=True, skip_if_in_campaign=False, skip_if_in_list=False,
            verify_leads_on_import=True, blocklist_id="b", assigned_to="u",
        ),
        {"leads_uploaded": 1, "created_leads": [{"index": 0, "id": "l-1"}]}, "/leads/add", {},
        {
            "campaign_id": "c-1", "skip_if_in_workspace": True, "skip_if_in_campaign": False, "skip_if_in_list": False,
            "verify_leads_on_import": True, "blocklist_id": "b", "assigned_to": "u",
            "leads": [{"email": "p@y.example", "first_name": "P", "custom_variables": {"city": "Bern", "n": 1}}],
        },
    ),
    "leads": (
        lambda c: c.leads(
            campaign="c-1", list_id="li", search="p", filter="FILTER_VAL_ACTIVE", ids=["l-1"], contacts=["p@y.example"],
            in_campaign=True, in_list=False,
        ),
        listed(LEAD), "/leads/list", {},
        {
            "limit": 100, "campaign": "c-1", "list_id": "li", "search": "p", "filter": "FILTER_VAL_ACTIVE",
            "ids": ["l-1"], "contacts": ["p@y.example"], "in_campaign": True, "in_list": False,
        },
    ),
    "lead": (lambda c: c.lead("l-1"), LEAD, "/leads/l-1", {}, None),
    "update_lead": (lambda c: c.update_lead("l-1", phone="1"), LEAD, "/leads/l-1", {}, {"phone": "1"}),
    "delete_lead": (lambda c: c.delete_lead("l-1"), LEAD, "/leads/l-1", {}, None),
    "update_interest_status": (
        lambda c: c.update_interest_status(
            "p@y.example", None, campaign_id="c-1", list_id="li", ai_interest_value=0.5, disable_auto_interest=True
        ),
        {"message": "accepted"}, "/leads/update-interest-status", {},
        {
            "lead_email": "p@y.example", "interest_value": None, "campaign_id": "c-1", "list_id": "li",
            "ai_interest_value": 0.5, "disable_auto_interest": True,
        },
    ),
    "lead_labels": (
        lambda c: c.lead_labels(search="Hot", interest_status="positive"), listed({"id": "x", "label": "Hot"}),
        "/lead-labels", {"limit": P, "search": "Hot", "interest_status": "positive"}, None,
    ),
    "emails": (
        lambda c: c.emails(
            min_timestamp_created=NOON, max_timestamp_created="2026-03-02T00:00:00.000Z", sort_order="asc",
            search="thread:x", campaign_id="c-1", list_id="li", i_status=1, email_accounts=["a@x.example", "b@x.example"],
            lead="p@y.example", email_type="received", mode="emode_all", is_unread=True, preview_only=False,
            latest_of_thread=True, has_reminder=False, scheduled_only=False, assigned_to="u", company_domain="y.example",
            marked_as_done=True,
        ),
        listed(MAIL), "/emails",
        {
            "limit": P, "min_timestamp_created": "2026-03-01T12:00:00.000Z",
            "max_timestamp_created": "2026-03-02T00:00:00.000Z", "sort_order": "asc", "search": "thread:x",
            "campaign_id": "c-1", "list_id": "li", "i_status": "1", "eaccount": "a@x.example,b@x.example",
            "lead": "p@y.example", "email_type": "received", "mode": "emode_all", "is_unread": "true",
            "preview_only": "false", "latest_of_thread": "true", "has_reminder": "false", "scheduled_only": "false",
            "assigned_to": "u", "company_domain": "y.example", "marked_as_done": "true",
        },
        None,
    ),
    "email": (lambda c: c.email("m-1"), MAIL, "/emails/m-1", {}, None),
    "update_email": (
        lambda c: c.update_email("m-1", is_unread=False, reminder=NOON), MAIL, "/emails/m-1", {},
        {"is_unread": 0, "reminder_ts": "2026-03-01T12:00:00.000Z"},
    ),
    "reply": (
        lambda c: c.reply(
            "m-1", email_account="a@x.example", subject="Re", html="<b>x</b>", text="x", cc=["c@x.example", "d@x.example"],
            bcc="e@x.example", additional_recipients=["f@x.example"], reminder=NOON, assigned_to="u",
        ),
        MAIL, "/emails/reply", {},
        {
            "reply_to_uuid": "m-1", "eaccount": "a@x.example", "subject": "Re", "body": {"html": "<b>x</b>", "text": "x"},
            "cc_address_email_list": "c@x.example,d@x.example", "bcc_address_email_list": "e@x.example",
            "additional_recipients": ["f@x.example"], "reminder_ts": "2026-03-01T12:00:00.000Z", "assigned_to": "u",
        },
    ),
    "unread_count": (lambda c: c.unread_count(), {"count": 7}, "/emails/unread/count", {}, None),
    "mark_thread_read": (
        lambda c: c.mark_thread_read("free text/✓"), {"success": True},
        "/emails/threads/free%20text%2F%E2%9C%93/mark-as-read", {}, {},
    ),
    "webhooks": (
        lambda c: c.webhooks(campaign="c-1", event_type="all_events"), listed(HOOK), "/webhooks",
        {"limit": P, "campaign": "c-1", "event_type": "all_events"}, None,
    ),
    "webhook": (lambda c: c.webhook("h-1"), HOOK, "/webhooks/h-1", {}, None),
    "create_webhook": (
        lambda c: c.create_webhook(
            "https://us.example/hook", event_type="all_events", name="N", campaign="c-1", headers={"X-A": "b"},
            custom_interest_value=5,
        ),
        HOOK, "/webhooks", {},
        {
            "target_hook_url": "https://us.example/hook", "event_type": "all_events", "name": "N", "campaign": "c-1",
            "headers": {"X-A": "b"}, "custom_interest_value": 5,
        },
    ),
    "update_webhook": (
        lambda c: c.update_webhook("h-1", event_type=None), HOOK, "/webhooks/h-1", {}, {"event_type": None},
    ),
    "delete_webhook": (lambda c: c.delete_webhook("h-1"), HOOK, "/webhooks/h-1", {}, None),
    "webhook_event_types": (
        lambda c: c.webhook_event_types(), {"event_types": [{"id": "email_sent", "label": "S", "type": "standard"}]},
        "/webhooks/event-types", {}, None,
    ),
    "test_webhook": (lambda c: c.test_webhook("h-1"), {"success": False, "error": "x"}, "/webhooks/h-1/test", {}, {}),
    "resume_webhook": (lambda c: c.resume_webhook("h-1"), HOOK, "/webhooks/h-1/resume", {}, {}),
    "webhook_events": (
        lambda c: c.webhook_events(success=False, from_date=date(2026, 3, 1), to_date="2026-03-02", search="p@y.example"),
        listed({"id": "e-1", "success": False}), "/webhook-events",
        {"limit": P, "success": "false", "from": "2026-03-01", "to": "2026-03-02", "search": "p@y.example"}, None,
    ),
    "webhook_event": (lambda c: c.webhook_event("e-1"), {"id": "e-1", "success": True}, "/webhook-events/e-1", {}, None),
    "webhook_events_summary": (
        lambda c: c.webhook_events_summary(from_date="2026-03-01", to_date="2026-03-02"), {"total_events": 3},
        "/webhook-events/summary", {"from": "2026-03-01", "to": "2026-03-02"}, None,
    ),
    "webhook_events_by_date": (
        lambda c: c.webhook_events_by_date(from_date="2026-03-01", to_date="2026-03-02"),
        listed({"date": "2026-03-01", "total_events": 3}),
        "/webhook-events/summary-by-date", {"from": "2026-03-01", "to": "2026-03-02"}, None,
    ),
}  # fmt: skip


def test_every_operation_is_called_by_a_method_of_its_name():
    assert set(CALLS) == set(OPERATIONS)


@pytest.mark.parametrize("name", CALLS)
def test_each_method_sends_the_documented_request_and_parses_the_response(client, server, answers, budget, name):
    call, answer, path, query, body = CALLS[name]
    server.always = answers.json(answer)

    result = call(client)
    result = list(result) if hasattr(result, "__next__") else result

    (request,) = server.received
    assert (request.method, request.path) == (OPERATIONS[name].method, f"/api/v2{path}")
    sent: dict = {}
    for key, value in request.query:
        sent[key] = value if key not in sent else [*([sent[key]] if isinstance(sent[key], str) else sent[key]), value]
    assert sent == query
    assert (request.json if request.body else None) == body
    assert request.headers.get("content-type") == (None if body is None else "application/json")
    assert result != []
    assert budget.asked == ["emails" if name == "emails" else "general"]


def test_the_table_leaves_no_parameter_of_an_operation_untried():
    any_field = {"create_campaign", "update_campaign", "update_email_account", "update_lead", "update_webhook"}
    for name, (_, _, _, query, body) in CALLS.items():
        assert set(OPERATIONS[name].query) - set(query) <= {"starting_after"}, name
        if name not in any_field:
            # list_id instead of campaign_id has a test of its own
            assert set(OPERATIONS[name].body or ()) - set(body or ()) <= {"starting_after", "list_id"}, name


def test_a_sub_workspace_is_acted_as_on_every_request(new_client, server, answers):
    server.always = answers.json({"items": []})
    client = new_client(workspace="019ffad2-5cb9-7412-a999-646b69b0d7b4")

    list(client.campaigns())
    list(client.leads())

    assert {request.headers["x-as-workspace"] for request in server.received} == {
        "019ffad2-5cb9-7412-a999-646b69b0d7b4"
    }
    assert "as 019ffad2" in repr(client)


def test_without_a_sub_workspace_the_header_is_not_sent(client, server, answers):
    server.always = answers.json({"items": []})

    list(client.campaigns())

    assert "x-as-workspace" not in server.received[0].headers


@pytest.mark.parametrize("workspace", ["", " ", "a b", "a\r\nX: y", "é"])
def test_an_invalid_sub_workspace_id_is_refused(new_client, workspace):
    with pytest.raises(ValueError, match="sub-workspace"):
        new_client(workspace=workspace)


def test_the_pinned_workspace_is_accepted_and_another_refused(client, server, answers):
    server.always = answers.json({"id": "019FFAD2-5cac", "name": "n"})

    assert client.require_workspace("019ffad2-5CAC").name == "n"
    with pytest.raises(errors.WrongWorkspace, match="pinned to somebody-else; store a key"):
        client.require_workspace("somebody-else")


@pytest.mark.parametrize("value", ["", " ", ".", "..", None, 5])
def test_an_id_that_would_name_another_operation_is_refused_before_sending(client, server, value):
    for call in (client.delete_lead, client.delete_campaign, client.email_account, client.mark_thread_read):
        with pytest.raises(ValueError, match="needs a real"):
            call(value)

    assert server.received == []


def test_an_id_cannot_leave_its_place_in_the_path(client, server, answers):
    server.always = answers.json(CAMPAIGN)

    client.campaign("../webhooks?x=1#y")

    assert server.received[0].target == "/api/v2/campaigns/..%2Fwebhooks%3Fx%3D1%23y"


def test_a_field_or_parameter_instantly_does_not_have_is_refused_before_sending(client, server):
    with pytest.raises(TypeError, match="has no field daylimit; it has name"):
        client.update_campaign("c-1", daylimit=3)
    with pytest.raises(TypeError, match="has no query parameter page"):
        client.call(OPERATIONS["campaigns"], query={"page": 2})

    assert server.received == []


def test_a_change_of_nothing_is_refused_before_sending(client, server):
    for call in (client.update_campaign, client.update_email_account, client.update_lead, client.update_webhook):
        with pytest.raises(ValueError, match="nothing to change"):
            call("x")

    assert server.received == []


def test_an_empty_selection_is_refused_instead_of_selecting_everything(client, server):
    for call in (
        lambda: client.campaign_analytics(ids=[]),
        lambda: client.campaigns(tag_ids=[]),
        lambda: client.custom_tags(resource_ids=[]),
        lambda: client.emails(email_accounts=[]),
    ):
        with pytest.raises(ValueError, match="selects nothing"):
            call()

    assert server.received == []


def test_limits_instantly_documents_are_kept_before_sending(client, server):
    many = [f"{n}@x.example" for n in range(201)]
    for call in (
        lambda: client.enable_warmup(many[:101]),
        lambda: client.disable_warmup([]),
        lambda: client.warmup_analytics(many[:101]),
        lambda: client.email_account_analytics_daily(many),
        lambda: client.enable_warmup("a@x.example"),
        lambda: client.email_account_analytics_daily(many[:1], start_date=date(2026, 1, 1), end_date=date(2026, 3, 1)),
        lambda: client.email_account_analytics_daily(many[:1], start_date=date(2026, 1, 2), end_date=date(2026, 1, 1)),
        lambda: client.reply("m-1", email_account="a@x.example", subject="s"),
    ):
        with pytest.raises(ValueError):
            call()

    assert server.received == []


def test_times_go_out_in_utc_and_naive_ones_are_refused(client, server, answers):
    server.always = answers.json({"items": []})
    local = datetime(2026, 3, 1, 14, 30, 5, 123456, tzinfo=timezone(timedelta(hours=2)))

    list(client.emails(min_timestamp_created=local))

    assert dict(server.received[0].query)["min_timestamp_created"] == "2026-03-01T12:30:05.123Z"
    with pytest.raises(ValueError, match="timezone"):
        list(client.emails(min_timestamp_created=local.replace(tzinfo=None)))


def test_an_invalid_unread_count_is_an_unexpected_shape(client, server, answers):
    shapes: list[Any] = [{}, [], {"count": "many"}, {"count": None}, {"count": True}]
    for answer in shapes:
        server.will(answers.json(answer))
        with pytest.raises(errors.UnexpectedShape):
            client.unread_count()


def test_any_operation_can_be_explored_unvalidated(client, server, answers):
    server.always = answers.json({"items": [{"anything": 1}]})

    assert client.call(OPERATIONS["campaigns"], query={"limit": 1}) == {"items": [{"anything": 1}]}


# Adding leads


def test_leads_go_out_in_chunks_and_every_report_is_given(client, server, answers):
    def report(count: int) -> dict:
        return {"leads_uploaded": count, "created_leads": [{"index": n, "id": f"l-{n}"} for n in range(count)]}

    server.will(answers.json(report(1000)), answers.json(report(1000)), answers.json(report(5)))
    people = ({"email": f"{n}@y.example"} for n in range(2005))

    added = list(client.add_leads(people, campaign_id="c-1"))

    assert [len(request.json["leads"]) for request in server.received] == [1000, 1000, 5]
    assert [report.leads_uploaded for report in added] == [1000, 1000, 5]
    assert [one.index for report in added for one in report.created_leads] == list(range(2005))
    assert added[2].raw["created_leads"][0] == {"index": 0, "id": "l-0"}


def test_when_a_chunk_fails_the_reports_before_it_are_already_given(client, server, answers):
    server.will(answers.json({"leads_uploaded": 2}), answers.reset(), answers.json({"leads_uploaded": 1}))
    people = [{"email": f"{n}@y.example"} for n in range(5)]
    given = []

    with pytest.raises(errors.NetworkError) as caught:
        for report in client.add_leads(people, campaign_id="c-1", chunk_size=2):
            given.append(report.leads_uploaded)

    assert given == [2]
    assert caught.value.uncertain
    assert len(server.received) == 2


@pytest.mark.parametrize(
    ("lead", "reason"),
    [
        ({"first_name": "P"}, "needs one"),
        ({"email": ""}, "needs one"),
        ({"email": "p@y.example", "firstName": "P"}, "firstName"),
        ({"email": "p@y.example", "custom_variables": {"deep": {"x": 1}}}, "custom_variables"),
        ({"email": 5}, "email"),
        ("p@y.example", "it"),
    ],
)
def test_a_lead_that_does_not_fit_is_named_before_anything_is_sent(client, server, lead, reason):
    with pytest.raises(ValueError, match="Lead number 2 does not fit") as caught:
        client.add_leads([{"email": "good@y.example"}, lead], campaign_id="c-1")

    assert reason in str(caught.value)
    assert server.received == []


def test_a_lead_of_a_list_may_do_without_an_address_but_not_without_a_name(client, server, answers):
    server.always = answers.json({"leads_uploaded": 1})

    list(client.add_leads([schemas.NewLead(first_name="P")], list_id="li"))

    assert server.received[0].json == {"list_id": "li", "leads": [{"first_name": "P"}]}
    with pytest.raises(ValueError, match="an email, a first_name or a last_name"):
        client.add_leads([{"phone": "1"}], list_id="li")


def test_leads_go_to_a_campaign_or_a_list_never_to_both_or_neither(client):
    for where in ({}, {"campaign_id": "c", "list_id": "l"}):
        with pytest.raises(ValueError, match="either to a campaign or to a list"):
            client.add_leads([], **where)
    for size in (0, 1001):
        with pytest.raises(ValueError, match="1 to 1000"):
            client.add_leads([], campaign_id="c", chunk_size=size)


def test_an_odd_line_in_the_report_does_not_lose_the_rest(client, server, answers):
    created = [{"index": 0, "id": "l-0"}, {"index": "x"}, None, {"index": 2, "id": None}, {"index": 3, "id": "l-3"}]
    server.will(answers.json({"leads_uploaded": 5, "created_leads": created}), answers.json({"created_leads": None}))

    (report,) = client.add_leads([{"email": "p@y.example"}], campaign_id="c-1")
    assert [one.id for one in report.created_leads] == ["l-0", "l-3"]
    (report,) = client.add_leads([{"email": "p@y.example"}], campaign_id="c-1")
    assert report.created_leads == []
