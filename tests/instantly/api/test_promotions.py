"""API of promotions: checked, begun, followed, undone and confirmed by staff; closed to customers."""

from typing import Any
from uuid import uuid4

import pytest
from django.core.management import call_command

from accounts.models import EmailAccount
from instantly.models import Promotion, StaffAction
from salesbrain import rls
from tests.instantly.promotion.conftest import GLO, Cast, cast
from tests.instantly.promotion.test_promotion import AFTER, BEFORE

__all__ = ["cast"]  # fixture

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("empty_queue")]
URL = "/api/instantly/admin/promotions"


def body(cast: Cast, **changes: Any) -> dict[str, Any]:
    choice = cast.choice()
    given: dict[str, Any] = {
        "organization_id": str(choice.organization_id),
        "provider_connection_id": str(choice.source_id),
        "destination_connection_id": str(choice.destination_id),
        "admin_connection_id": str(choice.admin_id),
        "email_account_ids": [str(key) for key in choice.accounts],
        "copied_campaign_ids": [str(key) for key in choice.copied],
        "paused_campaign_ids": [str(key) for key in choice.paused],
    }
    return {**given, **changes}


def test_a_promotion_is_begun_followed_undone_and_confirmed(cast: Cast, api: Any, operator: Any) -> None:
    client = api(operator)
    begun = client.post(URL, body(cast))
    assert begun.status_code == 202, begun.content
    made = begun.json()["data"]
    assert (made["state"], made["steps_done"], made["steps"]) == ("running", 0, 4)
    one = f"{URL}/{made['id']}"
    call_command("run_jobs", "--once")
    done = client.get(one).json()["data"]
    assert (done["state"], done["steps_done"], done["left"]) == ("done", 4, [])
    assert [row["state"] for row in done["email_accounts"]] == ["done", "done"]
    assert done["copied"][0]["copy_id"] == str(cast.campaign("Acme spring", cast.own).pk)
    assert cast.accounts() == AFTER
    assert client.post(f"{one}/undo").status_code == 202
    assert client.post(f"{one}/confirm").json()["code"] == "cannot_promote"
    call_command("run_jobs", "--once")
    assert client.get(one).json()["data"]["state"] == "undone" and cast.accounts() == BEFORE

    again = client.post(URL, body(cast)).json()["data"]["id"]
    call_command("run_jobs", "--once")
    assert client.post(f"{URL}/{again}/confirm").json()["data"]["state"] == "confirmed"
    assert client.post(f"{URL}/{again}/undo").status_code == 409
    assert [row["id"] for row in client.get(URL).json()["data"]["promotions"]] == [again, made["id"]]


def test_a_stopped_promotion_is_continued(cast: Cast, api: Any, operator: Any) -> None:
    client = api(operator)
    cast.fake.faults.add("status", method="POST", path="*/accounts/move", status=403)
    one = f"{URL}/{client.post(URL, body(cast)).json()['data']['id']}"
    assert client.post(f"{one}/continue").status_code == 409, "it has not stopped"
    call_command("run_jobs", "--once")
    assert client.get(one).json()["data"]["state"] == "stopped"
    assert client.post(f"{one}/continue").status_code == 202
    call_command("run_jobs", "--once")
    assert client.get(one).json()["data"]["state"] == "done"


def test_a_check_changes_nothing_and_its_steps_can_be_read(cast: Cast, api: Any, operator: Any) -> None:
    client = api(operator)
    given = body(cast)
    names = ("provider_connection_id", "destination_connection_id", "admin_connection_id", "email_account_ids")
    asked = client.post(f"{URL}/check", {name: given[name] for name in names})
    assert asked.status_code == 202, asked.content
    call_command("run_jobs", "--once")
    action = client.get(f"/api/instantly/admin/actions/{asked.json()['data']['id']}").json()["data"]
    assert (action["state"], [step["ok"] for step in action["steps"]]) == ("done", [True] * 4)
    assert cast.accounts() == BEFORE


def test_nothing_of_another_customer_can_be_named(cast: Cast, api: Any, operator: Any) -> None:
    with rls.scope(rls.SYSTEM):
        glo = str(EmailAccount.objects.get(address=GLO).pk)
    answer = api(operator).post(URL, body(cast, email_account_ids=[glo]))
    assert (answer.status_code, answer.json()["code"]) == (409, "cannot_promote")
    with rls.scope(rls.SYSTEM):
        assert not Promotion.objects.exists() and not StaffAction.objects.exists()


def test_the_same_idempotency_key_begins_one(cast: Cast, api: Any, operator: Any) -> None:
    client, given = api(operator), body(cast)
    first, second = (client.post(URL, given, headers={"Idempotency-Key": "once"}) for _ in range(2))
    assert first.json()["data"]["id"] == second.json()["data"]["id"]
    with rls.scope(rls.SYSTEM):
        assert Promotion.objects.count() == 1 and StaffAction.objects.count() == 1


OPERATIONS = {
    "list": ("get", ""),
    "create": ("post", ""),
    "check": ("post", "/check"),
    "one": ("get", "/{id}"),
    "continue": ("post", "/{id}/continue"),
    "undo": ("post", "/{id}/undo"),
    "confirm": ("post", "/{id}/confirm"),
}


@pytest.mark.parametrize(("method", "path"), OPERATIONS.values(), ids=OPERATIONS)
def test_customers_reach_none_of_it_and_viewers_change_nothing(
    cast: Cast, api: Any, customer: Any, viewer: Any, method: str, path: str
) -> None:
    address = URL + path.replace("{id}", str(cast.begin().pk))
    answer = getattr(api(customer), method)(address, {})
    assert answer.status_code == 403 and b"shared" not in answer.content
    assert (getattr(api(viewer), method)(address, {}).status_code == 403) is (method == "post")
    assert api(viewer).get(f"{URL}/{uuid4()}").status_code == 404
