"""Campaigns in the emulated API: fields, status, sending."""

from typing import Any

import pytest

from instantly.emulator import Access, FakeInstantly

from .conftest import Api
from .request_examples import SCHEDULE, SEQUENCES


def make(api: Api, **given: Any) -> dict[str, Any]:
    made: dict[str, Any] = api.post(
        "/campaigns", **{"name": "Fresh", "campaign_schedule": SCHEDULE, "sequences": SEQUENCES, **given}
    )
    return made


def test_new_campaign_is_a_draft_without_accounts(fake: FakeInstantly, acme: Access, api: Api) -> None:
    made = make(api, email_list=["anna.keller@acme-outreach.example"])
    assert (made["status"], made["email_list"]) == (0, [])
    assert api.get(f"/campaigns/{made['id']}") == made


def test_accounts_are_set_by_patch_which_replaces_the_list(api: Api) -> None:
    id = make(api)["id"]
    api.patch(f"/campaigns/{id}", email_list=["a@b.example", "c@d.example"])
    changed = api.patch(f"/campaigns/{id}", email_list=["e@f.example"], name="Renamed")
    assert (changed["email_list"], changed["name"]) == (["e@f.example"], "Renamed")


def test_a_campaign_is_activated_paused_and_activated_again(api: Api) -> None:
    id = make(api)["id"]
    statuses = [api.post(f"/campaigns/{id}/{action}")["status"] for action in ("activate", "pause", "activate")]
    assert statuses == [1, 2, 1]


@pytest.mark.parametrize("body", [None, {}, {"anything": 1}])
def test_action_accepts_any_body_or_none(api: Api, body: Any) -> None:
    id = make(api)["id"]
    assert api.call("POST", f"/campaigns/{id}/activate", json=body)["status"] == 1


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Europe/Zurich", "Europe/Vienna", "UTC", "Mars/Olympus"])
def test_unlisted_time_zone_is_refused(api: Api, zone: str) -> None:
    window = {**SCHEDULE["schedules"][0], "timezone": zone}
    body = {"name": "x", "campaign_schedule": {"schedules": [window]}}
    answer = api.call("POST", "/campaigns", json=body, expect=400)
    assert answer["message"].endswith("timezone must be equal to one of the allowed values")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"campaign_schedule": SCHEDULE}, "body must have required property 'name'"),
        ({"name": "x"}, "body must have required property 'campaign_schedule'"),
        ({"name": "x", "campaign_schedule": {"schedules": []}}, "must NOT have fewer than 1 items"),
        ({"name": "x", "campaign_schedule": SCHEDULE, "daily_limit": "many"}, "body/daily_limit must be number"),
        ([1], "body must be object"),
    ],
)
def test_invalid_body_returns_fastifys_message(api: Api, body: Any, message: str) -> None:
    answer = api.call("POST", "/campaigns", json=body, expect=400)
    assert answer["statusCode"] == 400
    assert message in answer["message"]


def test_numeric_text_is_coerced_and_unknown_fields_are_dropped(api: Api) -> None:
    made = make(api, daily_limit="40", invented_field=1)
    assert made["daily_limit"] == 40
    assert "invented_field" not in made


def test_campaigns_can_be_filtered_by_name_status_and_tag(api: Api) -> None:
    wanted = make(api, name="Autumn fair")
    assert [row["id"] for row in api.get("/campaigns", search="autumn")["items"]] == [wanted["id"]]
    assert {row["status"] for row in api.get("/campaigns", status=1)["items"]} == {1}
    assert 1 not in {row["status"] for row in api.get("/campaigns", exclude_status=1)["items"]}
    tag = api.post("/custom-tags", label="VIP")["id"]
    api.post("/custom-tags/toggle-resource", tag_ids=[tag], resource_type=2, resource_ids=[wanted["id"]], assign=True)
    assert [row["id"] for row in api.get("/campaigns", tag_ids=tag)["items"]] == [wanted["id"]]


def test_deleting_a_campaign_returns_it_and_deletes_its_leads(api: Api) -> None:
    id = make(api)["id"]
    lead = api.post("/leads", campaign=id, email="ada@lead.example")["id"]
    assert api.delete(f"/campaigns/{id}")["id"] == id
    api.get(f"/campaigns/{id}", expect=404)
    api.get(f"/leads/{lead}", expect=404)


def test_duplicate_is_a_draft_with_the_same_content(api: Api) -> None:
    source = api.get("/campaigns", status=1)["items"][0]
    copy = api.post(f"/campaigns/{source['id']}/duplicate", name="Twin")
    assert (copy["status"], copy["name"]) == (0, "Twin")
    assert (copy["sequences"], copy["email_list"]) == (source["sequences"], source["email_list"])
    assert copy["id"] != source["id"]


def test_a_campaign_with_leads_and_accounts_sends_once_it_is_active(
    fake: FakeInstantly, api: Api, hook: dict[str, Any]
) -> None:
    for row in api.get("/campaigns", status=1)["items"]:
        api.post(f"/campaigns/{row['id']}/pause")
    id = make(api)["id"]
    api.patch(f"/campaigns/{id}", email_list=["anna.keller@acme-outreach.example"])
    api.post("/leads", campaign=id, email="ada@lead.example", first_name="Ada")
    fake.set_rate(2)
    fake.advance(30)
    assert fake.truth()["workspaces"][api.get("/workspaces/current")["id"]]["sent"] == 0
    api.post(f"/campaigns/{id}/activate")
    fake.advance(30)
    sent = [row for row in api.get("/emails", lead="ada@lead.example")["items"] if row["ue_type"] == 1]
    assert [(row["subject"], row["campaign_id"]) for row in sent] == [("Hello Ada", id)]


def test_campaign_completes_with_its_last_lead_and_delivers_the_event(
    fake: FakeInstantly, api: Api, receiver: Any
) -> None:
    api.post("/webhooks", target_hook_url="https://app.example/hook", event_type="campaign_completed")
    id = make(api)["id"]
    api.patch(f"/campaigns/{id}", email_list=["anna.keller@acme-outreach.example"])
    for number in range(5):
        api.post("/leads", campaign=id, email=f"lead{number}@lead.example")
    api.post(f"/campaigns/{id}/activate")
    fake.set_rate(4)
    fake.advance(3600)
    assert api.get(f"/campaigns/{id}")["status"] == 3
    assert id in [payload["campaign_id"] for payload in receiver.received]


class TestSendingStatus:
    def status(self, api: Api, id: str) -> Any:
        answer = api.get(f"/campaigns/{id}/sending-status")
        assert (answer["diagnostics"] or answer["summary"])["status"] == answer["summary"]["status"]
        return answer

    def test_diagnostics_are_null_while_a_campaign_is_draft_or_paused(self, api: Api) -> None:
        id = make(api)["id"]
        assert self.status(api, id)["diagnostics"] is None
        assert self.status(api, id)["summary"]["status"] == "campaign_draft"
        api.post(f"/campaigns/{id}/activate")
        api.post(f"/campaigns/{id}/pause")
        assert self.status(api, id)["summary"]["status"] == "campaign_paused"

    def test_status_names_the_missing_condition(self, api: Api) -> None:
        id = make(api)["id"]
        api.post(f"/campaigns/{id}/activate")
        assert self.status(api, id)["summary"]["status"] == "no_accounts_available"
        api.patch(f"/campaigns/{id}", email_list=["sabine.lorenz@get-acme.example"])
        assert self.status(api, id)["summary"]["status"] == "all_accounts_unhealthy"
        api.patch(f"/campaigns/{id}", email_list=["anna.keller@acme-outreach.example"])
        assert self.status(api, id)["summary"]["status"] == "waiting_for_leads"
        api.post("/leads", campaign=id, email="ada@lead.example")
        assert self.status(api, id)["summary"]["status"] == "healthy"

    def test_campaign_respects_its_schedule_if_assumed(self, fake: FakeInstantly, api: Api) -> None:
        id = make(api)["id"]  # Monday and Tuesday, 9 to 17 in Belgrade; it is Monday 10:00 there
        api.patch(f"/campaigns/{id}", email_list=["anna.keller@acme-outreach.example"])
        api.post("/leads", campaign=id, email="ada@lead.example")
        api.post(f"/campaigns/{id}/activate")
        fake.assume(obeys_schedules=True)
        assert self.status(api, id)["summary"]["status"] == "healthy"
        fake.advance(8 * 3600)
        assert self.status(api, id)["summary"]["status"] == "out_of_schedule"

    def test_campaign_respects_its_daily_limit_if_assumed(self, fake: FakeInstantly, api: Api) -> None:
        fake.assume(obeys_daily_limits=True)
        id = api.get("/campaigns", status=1)["items"][0]["id"]
        api.patch(f"/campaigns/{id}", daily_limit=3)
        fake.set_rate(4)
        fake.advance(300)
        assert api.get("/campaigns/analytics", id=id)[0]["emails_sent_count"] == 3
        assert self.status(api, id)["summary"]["status"] == "daily_limit_met"
        assert api.get(f"/campaigns/{id}")["not_sending_status"] == 3
