"""Table of staff actions: each is offered on a page and requires its own permission everywhere."""

from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from django.contrib import admin
from django.forms import Field
from django.test import RequestFactory
from django.urls import get_resolver
from django.utils.functional import Promise

from accounts.models import ProviderConnection
from campaigns.models import Campaign
from instantly.actions import registry, runner
from instantly.actions.action import Action, UnknownAction
from instantly.actions.registry import ACTIONS, ROWS, action_of, offered_on, table
from instantly.admin.action_mixin import ActionAdminMixin
from instantly.models import StaffAction
from salesbrain import rls
from tests import factories

KINDS = list(ACTIONS)
WITHOUT_A_ROUTE = {"test", "webhook", "drift", "domain_check"}
ROUTE_IS_MESSAGINGS = {"campaign_assign", "account_assign"}
"""Actions that change nothing at Instantly, so that their route is in messaging; its permission is compared with the registry row's."""

ON_PAGES_OF_THEIR_OWN = {
    "campaigns_assign": "tests/instantly/test_assignment_pages.py",
    **dict.fromkeys(
        ("workspace_promote", "workspace_promote_undo", "workspace_check"),
        "tests/instantly/promotion/test_promotion_pages.py",
    ),
}
"""They need more than chosen rows and a form; by the test of who may."""

Route = tuple[str, str, str]
"""Method, path and the kind of action it does."""


def routes() -> list[Route]:
    """Return the API's routes whose views name a staff action."""
    found: list[Route] = []

    def walk(patterns: Any, prefix: str) -> None:
        for pattern in patterns:
            path = prefix + str(pattern.pattern)
            if hasattr(pattern, "url_patterns"):
                walk(pattern.url_patterns, path)
                continue
            kinds = getattr(getattr(pattern.callback, "cls", None), "staff_actions", {})
            for method, name in (getattr(pattern.callback, "actions", None) or {}).items():
                if name in kinds:
                    found.append((method, f"/{path}", kinds[name]))

    walk(get_resolver().url_patterns, "")
    return found


ROUTES = routes()


def filled(path: str) -> str:
    if "<str:lead_id>" in path:
        path += f"?campaign_id={uuid4()}"
    for name in ("campaign_id", "account_id", "lead_id", "promotion_id"):
        path = path.replace(f"<str:{name}>", str(uuid4()))
    assert "<" not in path, path
    return path


@pytest.mark.parametrize("kind", KINDS)
def test_every_action_has_a_label_and_sentences_that_can_be_translated(kind: str) -> None:
    action = ACTIONS[kind]
    assert isinstance(action.label, Promise) and str(action.label)
    assert isinstance(action.warning, Promise) or action.warning == ""
    fields: dict[str, Field] = dict(action.form.base_fields) if action.form else {}
    for name, field in fields.items():
        assert all(isinstance(text, Promise) for text in (field.label, field.help_text) if text), name


@pytest.mark.parametrize("kind", KINDS)
def test_every_action_is_offered_on_its_admin_page_to_permitted_staff(kind: str, db: None, request: Any) -> None:
    action = ACTIONS[kind]
    if kind in ON_PAGES_OF_THEIR_OWN:
        return
    page = admin.site._registry[action.target]
    assert isinstance(page, ActionAdminMixin)
    for role in ("viewer", "operator", "admin"):
        user = request.getfixturevalue(role)
        asked = RequestFactory().get("/")
        asked.user = user
        is_offered = kind in page.get_actions(asked) if action.is_for_rows else page.has_add_permission(asked)
        assert is_offered == user.has_perm(action.permission), role


def test_every_action_has_a_route_or_is_listed_without_one() -> None:
    unrouted = WITHOUT_A_ROUTE | ROUTE_IS_MESSAGINGS
    assert {kind for _, _, kind in ROUTES} == set(KINDS) - unrouted
    assert len(ROUTES) == len({route[2] for route in ROUTES})


@pytest.mark.parametrize(("method", "path", "kind"), ROUTES, ids=[kind for _, _, kind in ROUTES])
def test_a_route_refuses_exactly_those_whom_the_row_refuses(
    method: str, path: str, kind: str, db: None, api: Any, request: Any
) -> None:
    for role in ("viewer", "operator", "admin"):
        user = request.getfixturevalue(role)
        answer = getattr(api(user), method)(filled(path), {}, format="json")
        assert (answer.status_code == 403) == (not user.has_perm(ACTIONS[kind].permission)), role


@pytest.mark.parametrize(("kind", "path"), [("campaign_assign", "campaign"), ("account_assign", "email-account")])
def test_assigning_over_the_api_is_for_those_who_may_in_the_admin(
    kind: str, path: str, db: None, api: Any, request: Any
) -> None:
    for role in ("viewer", "operator", "admin"):
        user, url = request.getfixturevalue(role), f"/api/instantly/admin/{path}/{uuid4()}/assign"
        answer = api(user).post(url, {"house": True}, format="json")
        assert (answer.status_code == 403) == (not user.has_perm(ACTIONS[kind].permission)), role


def test_a_route_checks_the_permission_of_its_registry_row(monkeypatch: Any, db: None, api: Any, operator: Any) -> None:
    for_admins = {
        **ACTIONS,
        "campaign_pause": replace(ACTIONS["campaign_pause"], permission="campaigns.delete_campaign"),
    }
    monkeypatch.setattr(registry, "ACTIONS", for_admins)
    url = f"/api/instantly/admin/campaign/{uuid4()}"
    assert api(operator).post(f"{url}/pause").status_code == 403
    assert api(operator).post(f"{url}/activate").status_code == 404


def test_an_action_and_its_undo_action_undo_each_other() -> None:
    pairs = {(action.kind, action.undo) for action in ROWS if action.undo}
    assert pairs == {(undo, kind) for kind, undo in pairs}


@pytest.mark.parametrize("kind", ["campaign_paus", "", "CAMPAIGN_PAUSE"])
def test_an_unknown_kind_is_refused_by_name_and_nothing_is_stored(
    kind: str, db: None, acme_connection: Any, operator: Any
) -> None:
    with pytest.raises(UnknownAction, match=f"no action '{kind}'; there are campaign_create, "):
        action_of(kind)
    with rls.scope(rls.SYSTEM):
        with pytest.raises(UnknownAction):
            runner.request_action(kind, actor=operator, target=acme_connection)
        assert not StaffAction.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_stored_action_of_an_unknown_kind_fails_with_its_job(acme_connection: Any) -> None:
    with rls.scope(rls.SYSTEM):
        action = StaffAction.objects.create(
            kind="of_a_newer_release", connection=acme_connection, target_name="acme", actor_name="somebody"
        )
    with pytest.raises(UnknownAction):
        runner.run_action(action.pk)
    with rls.scope(rls.SYSTEM):
        action.refresh_from_db()
    assert (action.state, action.is_over) == ("failed", True) and "does not know such an action" in action.outcome
    assert str(action) == "of_a_newer_release: acme"


def test_a_view_that_names_an_unknown_kind_fails_when_it_is_loaded() -> None:
    from instantly.api.action_writes import ActionWrite

    with pytest.raises(UnknownAction):
        type("Wrong", (ActionWrite,), {"staff_actions": {"create": "campaign_made"}})


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([ROWS[0], ROWS[0]], "Two actions are called"),
        ([replace(ROWS[1], undo="campaign_gone")], "no action on the same rows"),
        ([replace(ROWS[1], undo="sync"), ACTIONS["sync"]], "no action on the same rows"),
    ],
)
def test_a_table_that_contradicts_itself_is_refused(rows: list[Action], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        table(rows)


def test_a_new_registry_row_is_enough_for_a_new_action(
    monkeypatch: Any, transactional_db: None, acme_connection: Any, admin: Any
) -> None:
    """A new staff action takes only a row in the registry and its work."""
    from instantly.actions.works import Outcome

    new = Action(
        kind="count", label="Count", target=Campaign, work=lambda action: Outcome(f"{action.target_name}: 7.", {}),  # type: ignore[arg-type]
        permission="campaigns.change_campaign",
    )  # fmt: skip
    monkeypatch.setattr(registry, "ACTIONS", {**ACTIONS, "count": new})
    campaign = factories.campaign(acme_connection, "Counted")
    assert offered_on(Campaign)[-1] is new and new not in offered_on(ProviderConnection)
    with rls.scope(rls.SYSTEM):
        action = runner.request_action("count", actor=admin, target=campaign)
    runner.run_action(action.pk)
    with rls.scope(rls.SYSTEM):
        action.refresh_from_db()
    assert (action.state, action.outcome) == ("done", "Counted: 7.")
