"""Email accounts in the emulated API: identified by address, without secrets in responses."""

from typing import Any
from urllib.parse import quote

from instantly.emulator import Access, FakeInstantly, Habits

from .conftest import Api
from .request_examples import MAILBOX


def test_an_account_has_no_id_and_is_found_by_its_encoded_address(api: Api) -> None:
    row = api.get("/accounts")["items"][0]
    assert "id" not in row
    assert api.get(f"/accounts/{quote(row['email'], safe='')}")["email"] == row["email"]


def test_a_plus_in_an_address_survives_encoding(api: Api) -> None:
    api.post("/accounts", **{**MAILBOX, "email": "sales+eu@acme.example"})
    assert api.get("/accounts/sales%2Beu%40acme.example")["email"] == "sales+eu@acme.example"


def test_passwords_hosts_and_logins_are_never_returned(api: Api) -> None:
    made = api.post("/accounts", **MAILBOX)
    everything = str([made, api.get(f"/accounts/{made['email']}"), api.get("/accounts", limit=100)])
    assert "not-a-secret" not in everything
    assert "imap" not in everything
    assert "smtp_" not in everything


def test_list_contains_only_the_limit_of_the_warm_up(api: Api) -> None:
    listed = api.get("/accounts")["items"][0]
    assert set(listed["warmup"]) == {"limit"}
    assert "advanced" in api.get(f"/accounts/{listed['email']}")["warmup"]


def test_a_partial_warm_up_replaces_the_whole(api: Api) -> None:
    email = api.get("/accounts")["items"][0]["email"]
    assert api.patch(f"/accounts/{email}", warmup={"limit": 3})["warmup"] == {"limit": 3}


def test_demo_has_one_failed_and_one_paused_account(api: Api) -> None:
    rows = api.get("/accounts", limit=100)["items"]
    assert sorted(row["status"] for row in rows) == [-1, 1, 1, 1, 1, 2]
    broken = next(row for row in rows if row["status"] == -1)
    assert broken["status_message"]["responseCode"] == 535


def test_accounts_can_be_filtered(api: Api) -> None:
    assert [row["status"] for row in api.get("/accounts", filter="ACC_FILTER_ERROR")["items"]] == [-1]
    assert [row["status"] for row in api.get("/accounts", status=2)["items"]] == [2]
    assert [row["email"] for row in api.get("/accounts", search="priya")["items"]] == ["priya@try-acme.example"]
    tag = api.post("/custom-tags", label="EU")["id"]
    api.post(
        "/custom-tags/toggle-resource",
        tag_ids=[tag],
        resource_type=1,
        resource_ids=["priya@try-acme.example"],
        assign=True,
    )
    assert [row["email"] for row in api.get("/accounts", tag_ids=tag)["items"]] == ["priya@try-acme.example"]
    shown = api.get("/accounts", search="priya", include_tags="true")["items"][0]
    assert [one["label"] for one in shown["tags"]] == ["EU"]


def test_accounts_are_paused_resumed_and_repaired(api: Api) -> None:
    email = api.get("/accounts", status=1)["items"][0]["email"]
    assert api.post(f"/accounts/{email}/pause")["status"] == 2
    assert api.post(f"/accounts/{email}/resume")["status"] == 1
    broken = "sabine.lorenz@get-acme.example"
    api.post(f"/accounts/{broken}/resume", expect=400)
    assert api.post(f"/accounts/{broken}/mark-fixed")["status"] == 1
    many = api.post("/accounts/pause", emails=[email, "nobody@acme.example"])
    assert many == {"paused_emails": [email], "failed_emails": ["nobody@acme.example"]}


def test_a_campaign_without_a_healthy_account_becomes_unhealthy_and_recovers(fake: FakeInstantly, acme: Access) -> None:
    space = fake.workspaces[acme.id]
    fake.simulation.habits = Habits(account_trouble_every=5, account_heals_after=100_000)
    fake.set_rate(1)
    fake.advance(600)
    unhealthy = [row for row in space.campaigns if row["status"] == -1]
    assert unhealthy
    api = Api(fake, acme.key)
    api.post(f"/accounts/{unhealthy[0]['email_list'][0]}/mark-fixed")
    assert api.get(f"/campaigns/{unhealthy[0]['id']}")["status"] == 1


def test_warm_up_is_a_background_job_that_succeeds(fake: FakeInstantly, api: Api) -> None:
    email = api.get("/accounts", status=2)["items"][0]["email"]
    job = api.post("/accounts/warmup/enable", emails=[email])
    assert (job["type"], job["status"], job["progress"]) == ("update-warmup-accounts", "pending", 0)
    assert len(job["id"]) == 24
    seen = [job["status"]]
    for _ in range(4):
        fake.advance(0.5)
        seen.append(api.get(f"/background-jobs/{job['id']}")["status"])
    assert seen == ["pending", "pending", "in-progress", "in-progress", "success"]
    assert api.get(f"/accounts/{email}")["warmup_status"] == 1


def test_warm_up_stats_are_constant(api: Api) -> None:
    emails = [row["email"] for row in api.get("/accounts", status=1)["items"]]
    first, second = (api.post("/accounts/warmup-analytics", emails=emails) for _ in range(2))
    assert first == second
    assert set(first["aggregate_data"]) == set(emails)


class TestDailyStats:
    def daily_stats(self, api: Api, **params: Any) -> Any:
        return api.get("/accounts/analytics/daily", **params)

    def test_stats_agree_with_the_ground_truth(self, fake: FakeInstantly, acme: Access, api: Api) -> None:
        fake.set_rate(4)
        fake.advance(1200)
        emails = [row["email"] for row in api.get("/accounts", limit=100)["items"]]
        rows = self.daily_stats(api, emails=emails)
        truth = fake.truth()["workspaces"][acme.id]
        assert sum(row["sent"] for row in rows) == truth["sent"] > 0
        assert sum(row["opened"] for row in rows) == truth["opens"] > 0
        assert sum(row["bounced"] for row in rows) == truth["bounces"] > 0

    def test_emails_are_required_and_the_range_is_limited(self, api: Api) -> None:
        assert set(self.daily_stats(api, expect=400)) == {"message"}
        too_long = {"start_date": "2026-01-01", "end_date": "2026-03-01", "emails": ["a@b.example"]}
        assert "31 days" in self.daily_stats(api, expect=400, **too_long)["message"]
        many = [f"a{number}@b.example" for number in range(201)]
        assert self.daily_stats(api, expect=413, emails=many)["error"] == "Payload Too Large"


def test_account_lists_its_campaigns(api: Api) -> None:
    campaign = api.get("/campaigns", status=1)["items"][0]
    rows = list(api.walk(f"/account-campaign-mappings/{campaign['email_list'][0]}", limit=2))
    assert campaign["id"] in [row["campaign_id"] for row in rows]


def test_address_entered_with_capitals_is_identified_in_lower_case(fake: FakeInstantly, acme: Access, api: Api) -> None:
    assert api.post("/accounts", **MAILBOX)["email"] == "new.sender@acme-outreach.example"
    api.post("/accounts", expect=400, **{**MAILBOX, "email": "NEW.SENDER@acme-outreach.example"})
