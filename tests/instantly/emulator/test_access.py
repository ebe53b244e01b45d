"""Authorization in the emulated API: keys, scopes, plans, groups, rate limits."""

import pytest
import requests

from instantly.emulator import Access, FakeInstantly
from instantly.emulator.api.routes import ROUTES
from instantly.emulator.entry_points.adapter import InstantlyAdapter

from .conftest import BASE, Api


def test_a_missing_key_and_a_wrong_one_are_401(fake: FakeInstantly, api: Api) -> None:
    wrong = Api(fake, "unknown-key")
    assert wrong.get("/campaigns", expect=401)["error"] == "Unauthorized"
    del wrong.session.headers["Authorization"]
    assert wrong.get("/campaigns", expect=401) == {
        "statusCode": 401,
        "error": "Unauthorized",
        "message": "Missing Authorization header",
    }


def test_key_gives_access_to_its_own_workspace_only(fake: FakeInstantly, api: Api) -> None:
    globex = Api(fake, fake.add_workspace("globex").key)
    theirs = globex.get("/campaigns")["items"][0]["id"]
    assert globex.get("/workspaces/current")["name"] == "globex"
    assert api.get(f"/campaigns/{theirs}", expect=404)["message"] == "Resource not found"


@pytest.mark.parametrize("scope", ["campaigns:read", "campaigns:all", "all:read", "all:all"])
def test_each_documented_scope_allows_listing_campaigns(fake: FakeInstantly, acme: Access, scope: str) -> None:
    fake.add_key(acme.id, "narrow", scopes=[scope])
    assert Api(fake, "narrow").get("/campaigns")["items"]


def test_a_key_without_the_scope_is_403_everywhere_a_scope_is_needed(fake: FakeInstantly, acme: Access) -> None:
    fake.add_key(acme.id, "none", scopes=["auth:read"])
    api = Api(fake, "none")
    for route in ROUTES:
        path = route.path.replace("{id}", "x").replace("{email}", "x@y.example").replace("{thread_id}", "x")
        if route.scope is not None:
            answer = api.call(route.method, path, expect=403)
            assert answer["error"] == "Forbidden"
            assert route.scope in answer["message"]


def test_read_only_key_cannot_write(fake: FakeInstantly, acme: Access) -> None:
    fake.add_key(acme.id, "reader", scopes=["all:read"])
    api = Api(fake, "reader")
    id = api.get("/campaigns")["items"][0]["id"]
    api.call("POST", f"/campaigns/{id}/pause", expect=403)


def test_a_new_key_works_is_shown_once_and_stops_working_when_deleted(fake: FakeInstantly, api: Api) -> None:
    made = api.post("/api-keys", name="second", scopes=["campaigns:read"])
    second = Api(fake, made["key"])
    assert second.get("/campaigns")["items"]
    listed = next(row for row in api.get("/api-keys")["items"] if row["id"] == made["id"])
    assert made["key"] not in str(listed)
    api.delete(f"/api-keys/{made['id']}")
    second.get("/campaigns", expect=401)


def test_workspace_without_a_plan_gets_402(fake: FakeInstantly, acme: Access, api: Api) -> None:
    fake.set_plan(acme.id, active=False)
    assert api.get("/workspaces/current", expect=402)["message"] == "Workspace does not have an active paid plan"
    fake.set_plan(acme.id, active=True)
    assert api.get("/workspaces/current")["id"] == acme.id


def test_python_urllib_is_refused_at_the_edge(fake: FakeInstantly, acme: Access) -> None:
    session = requests.Session()
    session.mount("https://", InstantlyAdapter(fake))
    headers = {"Authorization": f"Bearer {acme.key}", "User-Agent": "Python-urllib/3.11"}
    answer = session.get(f"{BASE}/workspaces/current", headers=headers, timeout=5)
    assert answer.status_code == 403
    assert "json" not in answer.headers["Content-Type"]


def test_unknown_path_returns_fastifys_404(api: Api) -> None:
    answer = api.get("/nothing", expect=404)
    assert answer["message"] == "Route GET:/api/v2/nothing not found"


def test_unsupported_operation_returns_501(api: Api) -> None:
    assert api.get("/inbox-placement-tests", expect=501)["message"] == "The emulator does not play this operation"


class TestGroups:
    def test_admin_key_acts_as_its_sub_workspace(self, fake: FakeInstantly, acme: Access) -> None:
        sub = fake.add_workspace("sub", campaigns=["Only here"])
        fake.add_sub_workspace(acme.id, sub.id)
        api = Api(fake, acme.key, **{"x-as-workspace": sub.id})
        assert api.get("/workspaces/current")["id"] == sub.id
        assert [row["name"] for row in api.get("/campaigns")["items"]] == ["Only here"]

    def test_unrelated_workspace_cannot_act_as_another(self, fake: FakeInstantly, acme: Access) -> None:
        other = fake.add_workspace("other")
        api = Api(fake, acme.key, **{"x-as-workspace": other.id})
        assert api.get("/campaigns", expect=403)["error"] == "Forbidden"

    def test_invitation_has_no_effect_until_accepted(self, fake: FakeInstantly, acme: Access, api: Api) -> None:
        other = fake.add_workspace("other")
        invited = api.post("/workspace-group-members", sub_workspace_id=other.id)
        assert invited["status"] == "pending"
        Api(fake, acme.key, **{"x-as-workspace": other.id}).get("/campaigns", expect=403)

    def test_a_workspace_cannot_be_both_admin_and_sub(self, fake: FakeInstantly, acme: Access, api: Api) -> None:
        sub, third = fake.add_workspace("sub"), fake.add_workspace("third")
        fake.add_sub_workspace(acme.id, sub.id)
        api.post("/workspace-group-members", expect=409, sub_workspace_id=sub.id)
        Api(fake, sub.key).post("/workspace-group-members", expect=409, sub_workspace_id=third.id)

    def test_a_sub_workspace_knows_its_admin(self, fake: FakeInstantly, acme: Access, api: Api) -> None:
        sub = fake.add_workspace("sub")
        assert Api(fake, sub.key).get("/workspace-group-members/admin") == {
            "workspace_name": "Undefined",
            "has_admin_workspace": False,
        }
        fake.add_sub_workspace(acme.id, sub.id)
        assert Api(fake, sub.key).get("/workspace-group-members/admin")["workspace_name"] == "acme"


class TestLimits:
    def test_no_limit_applies_by_default(self, api: Api) -> None:
        for _ in range(150):
            api.get("/workspaces/current")

    def test_at_most_a_hundred_requests_per_second_are_allowed(self) -> None:
        fake = FakeInstantly(limits=True)
        access = fake.add_workspace("acme")
        api, twin = Api(fake, access.key), Api(fake, fake.add_workspace("globex").key)
        for _ in range(100):
            api.get("/workspaces/current")
        answer = api.get("/workspaces/current", expect=429)
        assert answer == {"statusCode": 429, "error": "Too Many Requests", "message": "Rate limit exceeded"}
        twin.get("/workspaces/current")
        fake.advance(1)
        api.get("/workspaces/current")

    def test_all_keys_of_a_workspace_share_its_limit(self) -> None:
        fake = FakeInstantly(limits=True)
        fake.assume(requests_per_second=2)
        access = fake.add_workspace("acme")
        fake.add_key(access.id, "another")
        Api(fake, access.key).get("/campaigns")
        Api(fake, "another").get("/campaigns")
        Api(fake, access.key).get("/campaigns", expect=429)

    def test_listing_emails_is_limited_to_twenty_per_minute(self) -> None:
        fake = FakeInstantly(limits=True)
        api = Api(fake, fake.add_workspace("acme").key)
        for _ in range(20):
            api.get("/emails")
        api.get("/emails", expect=429)
        api.get("/campaigns")
        fake.advance(60)
        api.get("/emails")

    def test_retry_after_is_sent_only_if_assumed(self) -> None:
        fake = FakeInstantly(limits=True)
        fake.assume(requests_per_second=0)
        api = Api(fake, fake.add_workspace("acme").key)
        assert "Retry-After" not in api.session.get(f"{BASE}/campaigns", timeout=5).headers
        fake.assume(retry_after_on_429=3)
        assert api.session.get(f"{BASE}/campaigns", timeout=5).headers["Retry-After"] == "3"
