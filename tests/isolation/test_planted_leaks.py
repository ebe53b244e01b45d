"""Detection of leaking views by the isolation proof's HTTP requests.

Leaks of another organization's data are planted in a few operations and pages.
"""

import copy

import pytest
from rest_framework.exceptions import PermissionDenied

from accounts.models import User
from campaigns.models import Campaign
from salesbrain import rls
from salesbrain.api.views import ApiView
from salesbrain.isolation import operations, pages, row_diff
from salesbrain.isolation.findings import Notes
from salesbrain.isolation.fixtures import invitation
from salesbrain.isolation.http_client import as_in_production

ONE = "/api/instantly/campaign/{campaign_id}"
STAFFS = "/api/instantly/admin/campaign/{campaign_id}/stats"
WHOLE = operations.document


@pytest.fixture(scope="module")
def described() -> dict:
    whole = WHOLE()
    return {**whole, "paths": {ONE: whole["paths"][ONE]}}


@pytest.fixture
def failed_checks(world, described, monkeypatch):
    """Return a function that runs the proof's operations or pages over the given ones and returns the failed checks."""
    every = pages.admin_pages

    def few_pages(world, side, notes):
        return [
            page
            for page in every(world, side, notes)
            if page.path.startswith(("/admin/campaigns/campaign/", "/admin/accounts/membership/"))
        ]

    monkeypatch.setattr(operations, "document", lambda: described)
    monkeypatch.setattr(pages, "admin_pages", few_pages)

    def run(check=operations.check_operations) -> set[str]:
        notes = Notes()
        with as_in_production():
            check(world, notes)
        return notes.failed()

    return run


def test_without_a_leak_nothing_is_found(failed_checks, world):
    before, notes = row_diff.fingerprints(), Notes()
    assert failed_checks() == failed_checks(pages.check_pages) == set()
    row_diff.check_unchanged(before, notes)
    assert notes.findings == []


def test_a_customers_request_that_runs_as_the_system_is_noticed(failed_checks, monkeypatch):
    monkeypatch.setattr(User, "scope_for", lambda user, organization_id=None: rls.SYSTEM)
    assert {"operations.foreign", "operations.alike"} <= failed_checks()


def test_an_organization_that_is_taken_from_the_query_is_noticed(failed_checks, monkeypatch):
    right = User.scope_for

    def trusting(user, organization_id=None):
        return rls.customer(organization_id) if organization_id and not user.role else right(user, organization_id)

    monkeypatch.setattr(User, "scope_for", trusting)
    assert "operations.foreign" in failed_checks()


def test_a_different_answer_for_foreign_ids_is_noticed(failed_checks, monkeypatch):
    right = ApiView._with_id

    def telling(view, queryset, key):
        with rls.scope(rls.SYSTEM):
            there = Campaign.objects.filter(pk=key).values_list("organization_id", flat=True).first()
        if there and view.scope.organization_id and there != view.scope.organization_id:
            raise PermissionDenied("It is another's.")
        return right(view, queryset, key)

    monkeypatch.setattr(ApiView, "_with_id", telling)
    assert failed_checks() == {"operations.alike"}


def test_a_header_that_selects_another_organization_is_noticed(failed_checks, world, monkeypatch):
    right = ApiView._answered

    def talkative(view, response):
        response.headers["X-Neighbour"] = world.b.word
        return right(view, response)

    monkeypatch.setattr(ApiView, "_answered", talkative)
    assert "operations.foreign" in failed_checks()


def test_a_route_of_staffs_that_lets_customers_in_is_noticed(failed_checks, described, monkeypatch):
    item = WHOLE()["paths"][STAFFS]
    monkeypatch.setattr(operations, "document", lambda: {**described, "paths": {STAFFS: item}})
    monkeypatch.setattr("messaging.api.stats_views.StaffCampaignStatsViewSet.staff_only", False)
    assert "operations.staff_only" in failed_checks()


def test_an_operation_that_needs_no_token_is_noticed(failed_checks, monkeypatch):
    monkeypatch.setattr("campaigns.api.views.CampaignViewSet.without_token", ("retrieve",))
    assert "operations.token_needed" in failed_checks()


def test_a_parameter_of_an_unknown_kind_is_noticed(failed_checks, described, monkeypatch):
    changed = copy.deepcopy(described)
    parameter = {"in": "query", "name": "where", "schema": {"type": "object"}}
    changed["paths"][ONE]["get"]["parameters"].append(parameter)
    monkeypatch.setattr(operations, "document", lambda: changed)
    assert failed_checks() == {"operations.untried"}


def test_an_unknown_path_parameter_is_noticed(failed_checks, described, monkeypatch):
    item = copy.deepcopy(described["paths"][ONE])
    item["get"]["parameters"][0]["name"] = "thing_id"
    monkeypatch.setattr(
        operations, "document", lambda: {**described, "paths": {"/api/instantly/thing/{thing_id}": item}}
    )
    assert failed_checks() == {"operations.untried"}


def test_an_admin_that_lets_anybody_in_is_noticed(failed_checks, monkeypatch):
    monkeypatch.setattr("django.contrib.admin.site.has_permission", lambda request: True)
    monkeypatch.setattr("accounts.models.User.has_perm", lambda user, permission, obj=None: True)
    assert "pages.closed" in failed_checks(pages.check_pages)


def test_a_viewer_who_may_write_is_noticed(failed_checks, monkeypatch):
    monkeypatch.setattr("accounts.models.user.may", lambda role, permission: bool(role))
    assert "pages.refused" in failed_checks(pages.check_pages)


def test_a_page_that_shows_a_key_is_noticed(failed_checks, world, monkeypatch):
    monkeypatch.setattr("campaigns.admin.CampaignAdmin.list_display", ["name", "__str__"])
    monkeypatch.setattr(Campaign, "__str__", lambda campaign: world.b.secret)
    assert "pages.secrets" in failed_checks(pages.check_pages)


def test_a_changed_row_of_the_other_organization_is_noticed(world):
    before, notes = row_diff.fingerprints(), Notes()
    with rls.scope(rls.SYSTEM):
        Campaign.objects.filter(pk=world.b.ids["campaign_id"]).update(name="mine")
    row_diff.check_unchanged(before, notes)
    with rls.scope(rls.SYSTEM):
        Campaign.objects.filter(pk=world.b.ids["campaign_id"]).update(name=f"{world.b.word} campaign")
    assert [finding.where for finding in notes.findings] == ["campaigns_campaign"]
    assert row_diff.fingerprints() == before


def test_an_invitation_into_another_organization_is_noticed(world):
    before = row_diff.fingerprints()
    with rls.scope(rls.SYSTEM):
        own = invitation(world.a)
        assert row_diff.changes(before) == {}
        foreign = invitation(world.b, invited_by=world.a.user)
        assert list(row_diff.changes(before)) == ["accounts_invitation"]
        own.delete(), foreign.delete()
