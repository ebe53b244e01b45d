"""API of staff actions: assignment rules applied by a job, followed, and taken back."""

from typing import Any
from uuid import uuid4

import pytest
from django.core.management import call_command

from campaigns.models import AssignmentRule, Campaign
from instantly.actions.runner import request_action
from instantly.models import StaffAction
from messaging.campaign_transfer import move_campaign
from salesbrain import rls
from tests import factories
from tests.factories import NOON

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("empty_queue")]
APPLY = "/api/instantly/admin/assignment-rules/apply"
ACTIONS = "/api/instantly/admin/actions"


def owner(campaign: Any) -> str:
    with rls.scope(rls.SYSTEM):
        return str(Campaign.objects.select_related("organization").get(pk=campaign.pk).organization)


def apply(client: Any, connection: Any, *only: Any) -> dict[str, Any]:
    """Apply the rules over the API, run the job, and return the action as it is then."""
    given: dict[str, Any] = {"provider_connection_id": str(connection.pk)}
    if only:
        given["campaign_ids"] = [str(one.pk) for one in only]
    answer = client.post(APPLY, given)
    assert answer.status_code == 202, answer.content
    made = answer.json()["data"]
    assert (made["state"], made["may_undo"]) == ("queued", False)
    call_command("run_jobs", "--once")
    found: dict[str, Any] = client.get(f"{ACTIONS}/{made['id']}").json()["data"]
    return found


def test_rules_are_applied_by_a_job_and_taken_back(
    api: Any, operator: Any, shared_connection: Any, acme: Any, globex: Any
) -> None:
    client = api(operator)
    factories.assignment_rule(shared_connection, acme)
    new = factories.campaign(shared_connection, "Acme 1")
    kept = factories.campaign(shared_connection, "Acme 2", globex, assigned_at=NOON)
    action = apply(client, shared_connection)
    assert (action["state"], action["moved"], action["may_undo"]) == ("done", 1, True)
    assert (owner(new), owner(kept)) == ("Acme", "Globex")
    with rls.scope(rls.SYSTEM):
        assert AssignmentRule.objects.get().applied_at is not None
    undone = client.post(f"{ACTIONS}/{action['id']}/undo")
    assert undone.status_code == 202
    assert client.post(f"{ACTIONS}/{action['id']}/undo").json()["code"] == "not_undoable", "an undo is on its way"
    call_command("run_jobs", "--once")
    assert (owner(new), owner(kept)) == ("House", "Globex")
    assert client.get(f"{ACTIONS}/{action['id']}").json()["data"]["may_undo"] is False


def test_only_the_named_campaigns_are_moved(api: Any, operator: Any, shared_connection: Any, acme: Any) -> None:
    factories.assignment_rule(shared_connection, acme)
    one, two = (factories.campaign(shared_connection, f"Acme {n}") for n in (1, 2))
    assert apply(api(operator), shared_connection, one)["moved"] == 1
    assert (owner(one), owner(two)) == ("Acme", "House")


def test_what_somebody_moved_since_then_stays_when_taken_back(
    api: Any, operator: Any, shared_connection: Any, acme: Any, globex: Any
) -> None:
    client = api(operator)
    factories.assignment_rule(shared_connection, acme)
    campaign = factories.campaign(shared_connection, "Acme 1")
    action = apply(client, shared_connection)
    move_campaign(campaign.pk, globex.pk, now=NOON, actor=operator)
    client.post(f"{ACTIONS}/{action['id']}/undo")
    call_command("run_jobs", "--once")
    assert owner(campaign) == "Globex"


def test_the_same_idempotency_key_applies_once(api: Any, operator: Any, shared_connection: Any, acme: Any) -> None:
    factories.assignment_rule(shared_connection, acme)
    given = {"provider_connection_id": str(shared_connection.pk)}
    client = api(operator)
    first, second = (client.post(APPLY, given, headers={"Idempotency-Key": "once"}) for _ in range(2))
    assert first.json()["data"]["id"] == second.json()["data"]["id"]
    with rls.scope(rls.SYSTEM):
        assert StaffAction.objects.count() == 1


def test_a_dedicated_workspace_has_nothing_to_apply(api: Any, operator: Any, acme_connection: Any) -> None:
    answer = api(operator).post(APPLY, {"provider_connection_id": str(acme_connection.pk)})
    assert (answer.status_code, answer.json()["code"]) == (409, "dedicated_connection")
    answer = api(operator).post(APPLY, {"provider_connection_id": str(uuid4())})
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["provider_connection_id"])


def test_another_action_is_shown_and_cannot_be_taken_back_here(api: Any, operator: Any, acme_connection: Any) -> None:
    with rls.scope(rls.SYSTEM):
        action = request_action("sync", actor=operator, target=acme_connection)
    client = api(operator)
    shown = client.get(f"{ACTIONS}/{action.pk}").json()["data"]
    assert (shown["kind"], shown["moved"], shown["may_undo"]) == ("sync", None, False)
    assert client.post(f"{ACTIONS}/{action.pk}/undo").status_code == 409
    assert client.get(f"{ACTIONS}/{uuid4()}").status_code == 404


def test_customers_reach_none_of_it_and_viewers_change_nothing(
    api: Any, customer: Any, viewer: Any, operator: Any, shared_connection: Any
) -> None:
    with rls.scope(rls.SYSTEM):
        action = request_action("sync", actor=operator, target=shared_connection)
    one = f"{ACTIONS}/{action.pk}"
    for method, path, viewers in (("get", one, 200), ("post", f"{one}/undo", 403), ("post", APPLY, 403)):
        assert getattr(api(customer), method)(path, {}).status_code == 403
        assert getattr(api(viewer), method)(path, {}).status_code == viewers
