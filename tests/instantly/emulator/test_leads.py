"""Leads in the emulated API: create, bulk import, filters, change, move, merge, delete."""

from typing import Any

import pytest

from instantly.emulator import Access, FakeInstantly
from instantly.emulator.life.reactions import ACTIONS

from .conftest import Api


@pytest.fixture
def campaign(api: Api) -> str:
    return str(api.get("/campaigns", status=0)["items"][0]["id"])


def add(api: Api, campaign: str, *emails: str, **switches: Any) -> Any:
    return api.post("/leads/add", campaign_id=campaign, leads=[{"email": email} for email in emails], **switches)


def test_custom_variables_come_back_inside_payload(api: Api, campaign: str) -> None:
    lead = api.post(
        "/leads",
        campaign=campaign,
        email="ada@lead.example",
        first_name="Ada",
        custom_variables={"budget": 83.3, "Subject": "Hi", "vip": True, "note": None},
    )
    assert lead["payload"] == {"firstName": "Ada", "budget": 83.3, "Subject": "Hi", "vip": True, "note": None}
    changed = api.patch(f"/leads/{lead['id']}", last_name="Lee", custom_variables={"budget": 90})
    assert changed["payload"] == {"firstName": "Ada", "lastName": "Lee", "budget": 90}
    assert api.patch(f"/leads/{lead['id']}", phone="+1")["payload"]["budget"] == 90


def test_the_same_address_in_two_campaigns_is_two_leads_and_in_one_is_one(api: Api, campaign: str) -> None:
    other = api.get("/campaigns", status=2)["items"][0]["id"]
    first, again, elsewhere = (
        api.post("/leads", campaign=id, email="ada@lead.example")["id"] for id in (campaign, campaign, other)
    )
    assert first == again
    assert first != elsewhere


def test_adding_many_counts_the_reasons_for_skipped_leads(api: Api, campaign: str) -> None:
    api.post("/block-lists-entries", bl_value="rival.example")
    add(api, campaign, "known@lead.example")
    answer = add(
        api, campaign, "new@lead.example", "NEW@lead.example", "known@lead.example", "x@rival.example", "nonsense"
    )
    assert answer["total_sent"] == 5
    assert answer["leads_uploaded"] == 1
    assert (answer["duplicate_email_count"], answer["duplicated_leads"]) == (1, 1)
    assert (answer["in_blocklist"], answer["invalid_email_count"]) == (1, 1)
    assert [(row["index"], row["email"]) for row in answer["created_leads"]] == [(0, "new@lead.example")]
    assert answer["remaining_in_plan"] < 100_000


def test_leads_in_the_workspace_are_skipped_on_request(api: Api, campaign: str) -> None:
    other = api.get("/campaigns", status=2)["items"][0]["id"]
    add(api, other, "known@lead.example")
    assert add(api, campaign, "known@lead.example", skip_if_in_workspace=True)["skipped_count"] == 1
    assert add(api, campaign, "known@lead.example")["leads_uploaded"] == 1


def test_list_accepts_leads_without_address_but_not_empty_ones(api: Api) -> None:
    id = api.post("/lead-lists", name="Fair")["id"]
    answer = api.post("/leads/add", list_id=id, leads=[{"first_name": "Ada"}, {"phone": "+1"}])
    assert (answer["leads_uploaded"], answer["incomplete_count"], answer["remaining_in_plan"]) == (1, 1, None)


@pytest.mark.parametrize("count", [0, 1001])
def test_between_one_and_a_thousand_leads_can_be_added(api: Api, campaign: str, count: int) -> None:
    leads = [{"email": f"l{number}@lead.example"} for number in range(count)]
    api.post("/leads/add", expect=400, campaign_id=campaign, leads=leads)


def test_adding_requires_either_a_campaign_or_a_list(api: Api, campaign: str) -> None:
    id = api.post("/lead-lists", name="Fair")["id"]
    api.post("/leads/add", expect=400, leads=[{"email": "a@b.example"}])
    api.post("/leads/add", expect=400, campaign_id=campaign, list_id=id, leads=[{"email": "a@b.example"}])


class TestLeadList:
    @pytest.fixture
    def active_api(self, fake: FakeInstantly, api: Api) -> Api:
        fake.set_rate(4)
        fake.advance(1800)
        fake.set_rate(0)
        return api

    def walk(self, api: Api, **body: Any) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = []
        cursor: dict[str, Any] = {}
        while True:
            page = api.post("/leads/list", limit=100, **body, **cursor)
            rows += page["items"]
            if "next_starting_after" not in page:
                return rows
            assert page["next_starting_after"] == page["items"][-1]["email" if "distinct_contacts" in body else "id"]
            cursor = {"starting_after": page["next_starting_after"]}

    def test_pagination_returns_every_lead_once_sorted_by_id(
        self, fake: FakeInstantly, acme: Access, active_api: Api
    ) -> None:
        ids = [row["id"] for row in self.walk(active_api)]
        assert ids == sorted(ids)
        assert len(set(ids)) == len(ids) == len(fake.workspaces[acme.id].leads) > 100

    def test_leads_added_during_pagination_are_returned(self, fake: FakeInstantly, active_api: Api) -> None:
        first = active_api.post("/leads/list", limit=100)
        id = active_api.get("/campaigns", status=0)["items"][0]["id"]
        new = active_api.post("/leads", campaign=id, email="late@lead.example")["id"]
        cursor, seen = first["next_starting_after"], []
        while cursor:
            page = active_api.post("/leads/list", limit=100, starting_after=cursor)
            seen += [row["id"] for row in page["items"]]
            cursor = page.get("next_starting_after")
        assert new in seen

    def test_distinct_contacts_are_sorted_by_address(self, active_api: Api) -> None:
        emails = [row["email"] for row in self.walk(active_api, distinct_contacts=True)]
        assert emails == sorted(set(emails))

    @pytest.mark.parametrize(
        ("filter", "holds"),
        [
            ("FILTER_VAL_BOUNCED", lambda lead: lead["status"] == -1),
            ("FILTER_VAL_UNSUBSCRIBED", lambda lead: lead["status"] == -2),
            ("FILTER_VAL_REPLIED", lambda lead: lead["email_reply_count"] > 0),
            ("FILTER_VAL_LINK_CLICKED", lambda lead: lead["email_click_count"] > 0),
            ("FILTER_VAL_NO_OPENS", lambda lead: lead["email_open_count"] == 0),
            ("FILTER_LEAD_INTERESTED", lambda lead: lead.get("lt_interest_status") == 1),
            ("FILTER_LEAD_CUSTOM_LABEL_POSITIVE", lambda lead: lead.get("lt_interest_status", 0) >= 10_000),
        ],
    )
    def test_filter_returns_exactly_the_matching_leads(self, active_api: Api, filter: str, holds: Any) -> None:
        everyone = self.walk(active_api)
        found = {row["id"] for row in self.walk(active_api, filter=filter)}
        assert found
        assert all(holds(row) for row in everyone if row["id"] in found)
        if not filter.endswith("POSITIVE"):
            assert found == {row["id"] for row in everyone if holds(row)}

    def test_leads_are_found_by_name_campaign_ids_and_contacts(self, active_api: Api) -> None:
        lead = self.walk(active_api, filter="FILTER_VAL_REPLIED")[0]
        by_id = active_api.post("/leads/list", ids=[lead["id"]])["items"]
        by_contact = active_api.post("/leads/list", contacts=[lead["email"]])["items"]
        by_name = active_api.post("/leads/list", search=lead["email"], campaign=lead["campaign"])["items"]
        assert [[row["id"] for row in rows] for rows in (by_id, by_contact, by_name)] == [[lead["id"]]] * 3
        assert lead["id"] not in [row["id"] for row in self.walk(active_api, excluded_ids=[lead["id"]])]

    def test_an_unknown_filter_is_refused(self, active_api: Api) -> None:
        active_api.post("/leads/list", expect=400, filter="FILTER_VAL_NICE")


def test_interest_set_by_address_returns_202_and_is_delivered(
    fake: FakeInstantly, api: Api, hook: Any, receiver: Any, campaign: str
) -> None:
    api.post("/leads", campaign=campaign, email="ada@lead.example")
    answer = api.post(
        "/leads/update-interest-status",
        expect=202,
        lead_email="ADA@lead.example",
        interest_value=2,
        campaign_id=campaign,
    )
    assert set(answer) == {"message"}
    fake.drain()
    assert receiver.types() == ["lead_meeting_booked"]
    api.post("/leads/update-interest-status", expect=202, lead_email="ada@lead.example", interest_value=None)
    lead = api.post("/leads/list", contacts=["ada@lead.example"])["items"][0]
    assert "lt_interest_status" not in lead


def test_interest_of_an_unknown_address_returns_its_own_error_shape(api: Api) -> None:
    answer = api.post("/leads/update-interest-status", expect=400, lead_email="no@body.example", interest_value=1)
    assert answer == {"error": "Invalid lead email"}


def test_deleting_many_respects_campaign_status_ids_and_limit(api: Api, campaign: str) -> None:
    add(api, campaign, *(f"l{number}@lead.example" for number in range(10)))
    assert api.call("DELETE", "/leads", json={"campaign_id": campaign, "limit": 3}) == {"count": 3}
    left = api.post("/leads/list", campaign=campaign)["items"]
    assert api.call("DELETE", "/leads", json={"campaign_id": campaign, "ids": [left[0]["id"]]}) == {"count": 1}
    assert api.call("DELETE", "/leads", json={"campaign_id": campaign, "status": 3}) == {"count": 0}
    assert api.call("DELETE", "/leads", json={"campaign_id": campaign}) == {"count": 6}
    api.call("DELETE", "/leads", json={}, expect=400)


def test_moved_lead_restarts_in_the_other_campaign(fake: FakeInstantly, api: Api, campaign: str) -> None:
    lead = api.post("/leads", campaign=campaign, email="ada@lead.example")["id"]
    target = api.get("/campaigns", status=2)["items"][0]["id"]
    job = api.post("/leads/move", ids=[lead], to_campaign_id=target)
    assert (job["type"], job["data"]["moved_lead_emails"]) == ("move-leads", ["ada@lead.example"])
    assert api.get(f"/leads/{lead}")["campaign"] == target
    copies = api.post("/leads/move", ids=[lead], to_campaign_id=campaign, copy_leads=True)
    assert copies["entity_id"] == campaign
    assert len(api.post("/leads/list", contacts=["ada@lead.example"])["items"]) == 2


def test_merging_keeps_one_lead_with_the_values_of_both(api: Api, campaign: str) -> None:
    other = api.get("/campaigns", status=2)["items"][0]["id"]
    source = api.post("/leads", campaign=other, email="ada@lead.example", company_name="Lead Ltd")["id"]
    target = api.post("/leads", campaign=campaign, email="ada@lead.example", first_name="Ada")["id"]
    merged = api.post("/leads/merge", lead_id=source, destination_lead_id=target)
    assert (merged["id"], merged["first_name"], merged["company_name"]) == (target, "Ada", "Lead Ltd")
    api.get(f"/leads/{source}", expect=404)


def test_a_moved_leads_former_sequence_does_not_end_the_new_one(fake: FakeInstantly, api: Api, campaign: str) -> None:
    """The lead was moved after the former sequence's last mail, before that sequence's end was recorded."""
    target = api.get("/campaigns", status=2)["items"][0]["id"]
    lead = api.post("/leads", campaign=campaign, email="ada@lead.example")["id"]
    space = next(space for space in fake.workspaces.values() if lead in space.leads)
    api.post("/leads/move", ids=[lead], to_campaign_id=target)
    ACTIONS["finish"](fake.simulation, space.id, lead)
    assert api.get(f"/leads/{lead}")["status"] == 1
