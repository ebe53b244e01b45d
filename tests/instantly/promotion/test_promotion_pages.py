"""Admin pages of promotion: overview, wizard, progress, undo, confirmation, who may not."""

from typing import Any
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import EmailAccount
from instantly.actions.promotion.requests import CannotPromote
from instantly.models import Promotion, StaffAction
from salesbrain import rls
from tests import factories
from tests.instantly.promotion.conftest import ANNA, BEN, BOTH, GLO, Cast
from tests.instantly.promotion.test_promotion import AFTER, BEFORE

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("empty_queue")]


def as_(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def wizard(cast: Cast) -> str:
    return reverse("admin:promotion_new", args=[cast.acme.pk, cast.shared.pk])


def form(cast: Cast, **changes: Any) -> dict[str, Any]:
    """Return the wizard's form as it is suggested, with the workspaces chosen."""
    choice = cast.choice()
    given: dict[str, Any] = {
        "destination": str(choice.destination_id),
        "admin": str(choice.admin_id),
        **{name: [str(key) for key in getattr(choice, name)] for name in ("accounts", "copied", "paused")},
        "promote": "yes",
    }
    return {**given, **changes}


def text(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def only() -> Promotion:
    with rls.scope(rls.SYSTEM):
        return Promotion.objects.get()


def run_jobs() -> None:
    call_command("run_jobs", "--once")


# --- who may not ------------------------------------------------------------------------------------------------------


def pages(cast: Cast) -> list[str]:
    promotion = cast.begin()
    return [reverse("admin:promotions"), wizard(cast), reverse("admin:promotion", args=[promotion.pk])]


def test_customers_and_visitors_see_none_of_it(cast: Cast, customer: Any) -> None:
    for page in pages(cast):
        for client in (Client(), as_(customer)):
            for method in (client.get, client.post):
                answer = method(page, {"promote": "yes", "undo": "yes"})
                assert answer.status_code == 302 and "login" in answer["Location"], page
    assert only().state == "running" and cast.accounts() == BEFORE


def test_a_viewer_looks_and_changes_nothing(cast: Cast, viewer: Any) -> None:
    client = as_(viewer)
    for page in pages(cast):
        shown = text(client, page).split('id="content-main"')[1]
        assert "<button" not in shown and 'type="checkbox"' not in shown, page
    assert client.post(wizard(cast), form(cast)).status_code == 403
    for verb in ("continue", "undo", "confirm"):
        assert client.post(reverse("admin:promotion", args=[only().pk]), {verb: "yes"}).status_code == 403
    with rls.scope(rls.SYSTEM):
        assert not StaffAction.objects.exists()


# --- overview ---------------------------------------------------------------------------------------------------------


def test_the_overview_lists_customers_of_shared_workspaces(cast: Cast, operator: Any) -> None:
    client = as_(operator)
    rows = client.get(reverse("admin:promotions")).context["rows"]
    assert [(row["organization"].name, row["source"].name, row["count"], row["own"]) for row in rows] == [
        ("Acme", "shared", 2, "acme"),
        ("Globex", "shared", 1, ""),
    ]
    assert "not connected yet" in text(client, reverse("admin:promotions"))
    cast.begin()
    page = text(client, reverse("admin:promotions"))
    assert "Open promotions" in page and "See the promotion" in page


def test_the_overview_costs_the_same_for_many_customers(cast: Cast, operator: Any) -> None:
    client = as_(operator)

    def statements() -> int:
        with CaptureQueriesContext(connection) as found:
            assert client.get(reverse("admin:promotions")).status_code == 200
        return len(found)

    statements()
    few = statements()
    for number in range(5):
        other = factories.organization(f"Customer {number}")
        factories.connection(f"own-{number}", other)
        factories.campaign(cast.shared, f"Campaign {number}", other)
    assert statements() == few


# --- wizard -----------------------------------------------------------------------------------------------------------


def test_the_wizard_suggests_what_is_free_and_names_what_is_not(cast: Cast, operator: Any) -> None:
    answer = as_(operator).get(wizard(cast))
    page = answer.content.decode()
    assert all(address in page for address in (ANNA, BEN, BOTH)) and GLO not in page
    assert "used by Globex secret" in page and "the agency's so far" in page
    assert page.count("checked") == 4, "two email accounts, and the campaign that sends: to pause and to copy"
    assert answer.context["ticked"]["destination"] == cast.own.pk


def test_a_promotion_runs_as_a_job_with_progress_and_is_confirmed(cast: Cast, operator: Any) -> None:
    client = as_(operator)
    answer = client.post(wizard(cast), form(cast))
    promotion = only()
    here = reverse("admin:promotion", args=[promotion.pk])
    assert answer["Location"] == here
    waiting = text(client, here)
    assert (
        'name="follow"' in waiting
        and "0 of 4 steps" in waiting
        and "<form method" not in waiting.split("content-main")[1]
    )
    run_jobs()
    done = text(client, here)
    assert 'name="follow"' not in done and "Waits for confirmation" in done and "Email accounts moved: 2" in done
    assert cast.accounts() == AFTER
    assert "See the copy" in done
    with rls.scope(rls.SYSTEM):
        action = StaffAction.objects.get()
    assert (action.state, action.result["promotion"], action.target_name) == ("done", str(promotion.pk), "Acme")
    assert reverse("admin:promotion", args=[promotion.pk]) in text(
        client, reverse("admin:instantly_staffaction_change", args=[action.pk])
    )
    confirmed = client.post(here, {"confirm": "yes"}, follow=True).content.decode()
    assert "Confirmed" in confirmed and "Undo everything" not in confirmed


def test_a_promotion_is_undone_from_its_page(cast: Cast, operator: Any) -> None:
    client = as_(operator)
    client.post(wizard(cast), form(cast))
    here = reverse("admin:promotion", args=[only().pk])
    run_jobs()
    assert "Undo everything" in text(client, here)
    client.post(here, {"undo": "yes"})
    assert "Being undone" in text(client, here)
    run_jobs()
    assert only().state == "undone" and cast.accounts() == BEFORE
    late = client.post(here, {"undo": "yes"}, follow=True).content.decode()
    assert "cannot be undone now" in late


def test_a_stopped_promotion_says_why_and_continues(cast: Cast, operator: Any) -> None:
    cast.fake.faults.add("status", method="POST", path="*/accounts/move", status=403)
    client = as_(operator)
    client.post(wizard(cast), form(cast))
    here = reverse("admin:promotion", args=[only().pk])
    run_jobs()
    page = text(client, here)
    assert "Stopped" in page and "Continue" in page and "Undo everything" in page and "1 of 4 steps" in page
    client.post(here, {"continue": "yes"})
    run_jobs()
    assert only().state == "done" and cast.accounts() == AFTER


def test_one_that_a_killed_command_left_can_be_continued(cast: Cast, operator: Any) -> None:
    promotion = cast.begin()
    here = reverse("admin:promotion", args=[promotion.pk])
    client = as_(operator)
    assert "No job works on it" in text(client, here)
    client.post(here, {"continue": "yes"})
    run_jobs()
    assert only().state == "done"


def test_a_job_that_was_killed_goes_on_where_it_was(cast: Cast, operator: Any, monkeypatch: Any) -> None:
    from instantly.actions import runner
    from tests.instantly.promotion.test_promotion_killed import Killed, killed_at

    as_(operator).post(wizard(cast), form(cast))
    with rls.scope(rls.SYSTEM):
        action = StaffAction.objects.get()
    with killed_at(monkeypatch, 8), pytest.raises(Killed):
        runner.run_action(action.pk)
    runner.run_action(action.pk)
    assert only().state == "done" and cast.accounts() == AFTER and cast.statuses("acme") == {"Acme spring": 0}


def test_the_check_asks_instantly_changes_nothing_and_keeps_what_was_chosen(cast: Cast, operator: Any) -> None:
    client = as_(operator)
    with rls.scope(rls.SYSTEM):
        anna = str(EmailAccount.objects.get(address=ANNA).pk)
    given = form(cast, accounts=[anna], copied=[])
    del given["promote"]
    address = client.post(wizard(cast), {**given, "check": "yes"})["Location"]
    assert 'name="follow"' in text(client, address)
    run_jobs()
    answer = client.get(address)
    page = answer.content.decode()
    assert "It would work" in page and "Workspace group" in page
    assert {str(key) for key in answer.context["ticked"]["accounts"]} == {anna} and not answer.context["ticked"][
        "copied"
    ]
    assert cast.accounts() == BEFORE
    with rls.scope(rls.SYSTEM):
        assert not Promotion.objects.exists()

    cast.fake.simulation.group_members.remove(next(iter(cast.fake.simulation.group_members))["id"])
    address = client.post(wizard(cast), {**given, "check": "yes"})["Location"]
    run_jobs()
    page = text(client, address)
    assert "It would not work" in page and "Not in the workspace group" in page


def test_a_refused_form_is_shown_again_as_it_was_sent(cast: Cast, operator: Any) -> None:
    client = as_(operator)
    with rls.scope(rls.SYSTEM):
        glo = str(EmailAccount.objects.get(address=GLO).pk)
    answer = client.post(wizard(cast), form(cast, accounts=[glo], copied=[]))
    assert answer.status_code == 200 and "cannot be taken" in answer.content.decode()
    assert not answer.context["ticked"]["copied"] and "checked" in answer.content.decode()
    changes: tuple[dict[str, Any], ...] = ({"destination": ""}, {"admin": ""}, {"accounts": [], "copied": []})
    for wrong in changes:
        assert client.post(wizard(cast), form(cast, **wrong)).status_code == 200
    with rls.scope(rls.SYSTEM):
        assert not Promotion.objects.exists() and not StaffAction.objects.exists()


def test_nonsense_is_a_bad_request_and_an_unknown_row_is_not_found(cast: Cast, operator: Any) -> None:
    client = as_(operator)
    for wrong in ({"destination": "x"}, {"accounts": ["'; DROP TABLE"]}, {"admin": "\x00"}):
        assert client.post(wizard(cast), form(cast, **wrong)).status_code == 400
    assert client.get(reverse("admin:promotion", args=[uuid4()])).status_code == 404
    assert client.get(reverse("admin:promotion_new", args=[cast.acme.pk, cast.own.pk])).status_code == 404
    assert client.get(reverse("admin:promotion_new", args=[factories.house().pk, cast.shared.pk])).status_code == 404
    promotion = cast.begin()
    assert client.post(reverse("admin:promotion", args=[promotion.pk]), {"other": "x"}).status_code == 400


def test_no_page_shows_a_key(cast: Cast, admin: Any) -> None:
    client = as_(admin)
    for page in pages(cast):
        shown = text(client, page)
        assert not any(one.api_key in shown for one in (cast.shared, cast.own, cast.head))


# --- command ----------------------------------------------------------------------------------------------------------


def command(*arguments: str) -> None:
    call_command("promote_workspace", "acme", *arguments)


def test_the_command_looks_promotes_undoes_and_confirms(cast: Cast, capsys: Any) -> None:
    given = ("--from", "shared", "--to", "acme", "--admin-key", "head", "--copy", "--pause")
    command(*given, "--dry-run")
    said = capsys.readouterr().out
    assert "2 email accounts would move" in said and "1 email accounts stay" in said and "FAILED" not in said
    assert cast.accounts() == BEFORE
    command(*given)
    assert "done." in capsys.readouterr().out and cast.accounts() == AFTER
    command("--undo", "--json")
    assert '"state": "undone"' in capsys.readouterr().out and cast.accounts() == BEFORE
    command(*given)
    command("--confirm")
    assert "confirmed" in capsys.readouterr().out and only_latest().confirmed_at is not None


def only_latest() -> Promotion:
    with rls.scope(rls.SYSTEM):
        latest = Promotion.objects.order_by("-created_at").first()
    assert latest is not None and latest.created_at <= timezone.now()
    return latest


def test_the_command_says_what_is_wrong(cast: Cast) -> None:
    from django.core.management.base import CommandError

    for arguments, said in (
        (("--confirm",), "no open promotion"),
        ((), "--from"),
        (("--from", "shared", "--to", "nowhere"), "no connection 'nowhere'"),
        (("--from", "shared", "--to", "acme"), "admin workspace"),
        (("--from", "shared", "--to", "acme", "--dry-run"), "would not work"),
    ):
        with pytest.raises(CommandError, match=said):
            command(*arguments)
    assert not issubclass(CannotPromote, CommandError) and cast.accounts() == BEFORE
