"""Admin pages of assignment: preview of rules, apply, import, undo, refused roles."""

from typing import Any
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from campaigns.models import AssignmentRule, Campaign
from instantly.actions import runner
from instantly.admin import assignment_pages
from instantly.models import StaffAction
from messaging.campaign_transfer import move_campaign
from messaging.models import Contact
from salesbrain import rls
from tests import factories
from tests.factories import NOON

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("empty_queue")]


def as_(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def url(name: str, connection: Any) -> str:
    return reverse(f"admin:{name}", args=[connection.pk])


def stored(connection: Any, organization: Any, value: str, **fields: Any) -> AssignmentRule:
    with rls.scope(rls.SYSTEM):
        return AssignmentRule.objects.create(connection=connection, organization=organization, value=value, **fields)


def owner(campaign: Any) -> str:
    with rls.scope(rls.SYSTEM):
        return str(Campaign.objects.select_related("organization").get(pk=campaign.pk).organization)


def text(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def apply(client: Client, connection: Any, *ticked: Any, without: Any = ()) -> Any:
    """Apply the rules as the page shows them, with every campaign ticked except those in `without`."""
    page = client.get(url("assignment_rules", connection))
    shown = [str(row.pk) for row in (*ticked, *without)]
    given = {"seen": page.context["seen"], "shown": shown, "campaign": [str(row.pk) for row in ticked]}
    return client.post(url("assignment_rules", connection), given)


def run() -> StaffAction:
    """Run the process `jobs` until its queue is empty; return the latest action."""
    call_command("run_jobs", "--once")
    with rls.scope(rls.SYSTEM):
        latest = StaffAction.objects.order_by("-created_at", "-id").first()
    assert latest is not None
    return latest


# --- who may not ------------------------------------------------------------------------------------------------------

PAGES = ["assignment_rules", "assignment_import"]


@pytest.mark.parametrize("page", PAGES)
def test_customers_and_anonymous_visitors_cannot_open_the_assignment_pages(
    page, customer, acme, globex, shared_connection
):
    factories.campaign(shared_connection, "Globex secret launch", globex)
    for client in (Client(), as_(customer)):
        for method in (client.get, client.post):
            answer = method(url(page, shared_connection))
            assert answer.status_code == 302 and "login" in answer["Location"]
            assert b"secret" not in answer.content


@pytest.mark.parametrize("page", PAGES)
def test_a_viewer_looks_and_changes_nothing(page, viewer, shared_connection, acme):
    campaign = factories.campaign(shared_connection, "Acme 1")
    stored(shared_connection, acme, "Acme")
    client = as_(viewer)
    shown = text(client, url(page, shared_connection))
    assert (
        "Acme 1" in shown
        and '<button class="button default"' not in shown
        and "<select" not in shown.split("content-main")[1]
    )
    for given in ({"seen": "x"}, {"undo": str(uuid4())}, {f"of-{campaign.pk}": "Acme"}):
        assert client.post(url(page, shared_connection), given).status_code == 403
    with rls.scope(rls.SYSTEM):
        assert not StaffAction.objects.exists() and AssignmentRule.objects.get().applied_at is None


def test_a_viewer_adds_no_rule(viewer, shared_connection, acme):
    client = as_(viewer)
    assert client.get(reverse("admin:campaigns_assignmentrule_add")).status_code == 403
    rule = stored(shared_connection, acme, "Acme")
    page = text(client, reverse("admin:campaigns_assignmentrule_change", args=[rule.pk]))
    assert "Not applied yet" in page and "_save" not in page


# --- rules --------------------------------------------------------------------------------------------------------------


def test_the_overview_counts_unassigned_campaigns(operator, shared_connection, acme_connection, acme):
    factories.campaign(shared_connection, "New")
    factories.campaign(shared_connection, "Kept", assigned_at=NOON)
    factories.campaign(acme_connection, "Dedicated")
    answer = as_(operator).get(reverse("admin:assignment"))
    ((row, rules),) = answer.context["rows"]
    assert (row.name, row.campaign_count, row.nobodys, row.by_hand, rules) == ("shared", 2, 1, 1, 0)


def test_a_rule_is_shown_with_its_campaigns_before_it_has_an_effect(operator, shared_connection, acme, globex):
    client = as_(operator)
    for number in range(3):
        factories.campaign(shared_connection, f"Acme {number}")
    other = stored(shared_connection, globex, "Acme 3", priority=500, applied_at=NOON)
    factories.campaign(shared_connection, "Acme 3", globex, assigned_at=NOON, assigned_rule=other.pk)
    factories.campaign(shared_connection, "Acme by hand", globex, assigned_at=NOON)
    form = {
        "connection": str(shared_connection.pk), "kind": "name_prefix", "value": "acme", "listed": "", "organization": str(acme.pk),
        "priority": "100", "is_active": "on",
    }  # fmt: skip
    answer = client.post(reverse("admin:campaigns_assignmentrule_add"), form, follow=True)
    assert answer.redirect_chain[-1][0] == url("assignment_rules", shared_connection)
    page = answer.content.decode()
    assert "The rule has no effect yet" in page and "Not applied yet" in page
    assert "takes 4 campaigns, 1 of them Globex&#x27;s today" in page
    assert "stays: assigned by hand" in page
    assert "Name begins with &#x27;Acme 3&#x27; → Globex" in page, "the conflict is named"
    with rls.scope(rls.SYSTEM):
        assert Campaign.objects.filter(organization=acme).count() == 0


def test_applying_moves_the_ticked_campaigns_with_progress_and_is_undone(operator, shared_connection, acme, house):
    one, two = (factories.campaign(shared_connection, f"Acme {number}") for number in (1, 2))
    factories.message(one)
    rule = stored(shared_connection, acme, "Acme")
    client = as_(operator)
    answer = apply(client, shared_connection, one, without=[two])
    action = run()
    assert answer["Location"] == reverse("admin:instantly_staffaction_change", args=[action.pk])
    assert (action.state, action.kind) == ("done", "campaigns_assign"), action.outcome
    assert (owner(one), owner(two), action.result["kept"]) == ("Acme", "House", 0)
    with rls.scope(rls.SYSTEM):
        assert Campaign.objects.get(pk=one.pk).assigned_rule == rule.pk
        assert Campaign.objects.get(pk=two.pk).is_assigned_by_hand, "without a tick rules leave it alone from then on"
        assert AssignmentRule.objects.get().applied_at is not None
        assert set(Contact.objects.values_list("organization__name", flat=True)) == {"Acme"}

    assert "Undo" in text(client, url("assignment_rules", shared_connection))
    client.post(url("assignment_rules", shared_connection), {"undo": str(action.pk)})
    undone = run()
    assert (undone.state, undone.result["undoes"], owner(one)) == ("done", str(action.pk), "House")
    with rls.scope(rls.SYSTEM):
        assert Campaign.objects.get(pk=one.pk).is_assigned_by_hand, "the next sync must not take it again"
    again = client.post(url("assignment_rules", shared_connection), {"undo": str(action.pk)}, follow=True)
    assert "cannot be undone" in again.content.decode() and owner(one) == "House"


def test_an_undo_leaves_campaigns_that_were_moved_since(operator, shared_connection, acme, globex):
    one, two = (factories.campaign(shared_connection, f"Acme {number}") for number in (1, 2))
    stored(shared_connection, acme, "Acme")
    client = as_(operator)
    apply(client, shared_connection, one, two)
    action = run()
    move_campaign(two.pk, globex.pk, now=NOON, actor=operator)
    client.post(url("assignment_rules", shared_connection), {"undo": str(action.pk)})
    assert run().result["kept"] == 1
    assert (owner(one), owner(two)) == ("House", "Globex")


def test_rules_that_were_changed_meanwhile_are_not_applied(operator, shared_connection, acme, globex):
    campaign = factories.campaign(shared_connection, "Acme 1")
    rule = stored(shared_connection, acme, "Acme")
    client = as_(operator)
    seen = client.get(url("assignment_rules", shared_connection)).context["seen"]
    with rls.scope(rls.SYSTEM):
        rule.organization = globex
        rule.save()
    given = {"seen": seen, "shown": [str(campaign.pk)], "campaign": [str(campaign.pk)]}
    answer = client.post(url("assignment_rules", shared_connection), given, follow=True)
    assert "changed meanwhile" in answer.content.decode()
    with rls.scope(rls.SYSTEM):
        assert not StaffAction.objects.exists() and AssignmentRule.objects.get().applied_at is None


def test_with_nothing_to_move_the_rules_are_put_into_effect(operator, shared_connection, acme):
    stored(shared_connection, acme, "Acme")
    page = apply(as_(operator), shared_connection)
    assert page["Location"] == url("assignment_rules", shared_connection)
    with rls.scope(rls.SYSTEM):
        assert AssignmentRule.objects.get().applied_at is not None and not StaffAction.objects.exists()


def test_an_action_that_was_killed_goes_on_and_can_be_undone_whole(operator, shared_connection, acme, monkeypatch):
    one, two = (factories.campaign(shared_connection, f"Acme {number}") for number in (1, 2))
    stored(shared_connection, acme, "Acme")
    apply(as_(operator), shared_connection, one, two)
    with rls.scope(rls.SYSTEM):
        action = StaffAction.objects.get()
        moves = {row["campaign"]: row for row in action.arguments["moves"]}
        StaffAction.objects.update(state="running")
        rule = AssignmentRule.objects.get()
    move_campaign(one.pk, acme.pk, now=timezone.now(), actor=operator, rule=rule)  # and then the process was killed
    runner.run_action(action.pk)
    with rls.scope(rls.SYSTEM):
        action.refresh_from_db()
    assert action.state == "done" and {row["campaign"] for row in action.result["moved"]} == set(moves)


def test_a_name_from_instantly_is_text_on_the_page(operator, shared_connection, acme):
    factories.campaign(shared_connection, "Acme <script>alert(1)</script>")
    stored(shared_connection, acme, "Acme <")
    for page in PAGES:
        assert "<script>alert(1)" not in text(as_(operator), url(page, shared_connection))


def test_only_campaigns_can_be_chosen(operator, shared_connection, acme):
    stored(shared_connection, acme, "Acme")
    client = as_(operator)
    seen = client.get(url("assignment_rules", shared_connection)).context["seen"]
    given = {"seen": seen, "campaign": "1 OR 1=1"}
    assert client.post(url("assignment_rules", shared_connection), given).status_code == 400


@pytest.mark.parametrize("page", PAGES)
def test_the_pages_of_a_dedicated_workspace_offer_no_assignment(operator, acme_connection, page):
    factories.campaign(acme_connection, "Acme 1")
    assert "dedicated to Acme" in text(as_(operator), url(page, acme_connection))


@pytest.mark.parametrize("page", PAGES)
def test_the_pages_cost_the_same_however_many_campaigns_there_are(viewer, shared_connection, acme, globex, page):
    client = as_(viewer)

    def fill(count: int) -> None:
        for _ in range(count):
            factories.campaign(shared_connection, f"Acme {uuid4()}")
            factories.campaign(shared_connection, f"Globex {uuid4()}", globex, assigned_at=NOON)
            stored(shared_connection, acme, f"Acme {uuid4()}"[:12])

    def statements() -> int:
        with CaptureQueriesContext(connection) as captured:
            text(client, url(page, shared_connection))
        return len(captured)

    fill(1)
    statements()
    few = statements()
    fill(12)
    assert statements() <= few <= 16, few


def test_the_overview_is_a_list_of_few_statements(viewer, shared_connection):
    client = as_(viewer)
    text(client, reverse("admin:assignment"))
    with CaptureQueriesContext(connection) as captured:
        text(client, reverse("admin:assignment"))
    assert len(captured) <= 10


# --- import -------------------------------------------------------------------------------------------------------------


def test_suggestions_are_shown_with_their_reason_and_accepted_in_bulk(operator, shared_connection, acme, globex):
    factories.campaign(shared_connection, "Old – 1", globex, assigned_at=NOON)
    named = factories.campaign(shared_connection, "Spring for Acme")
    begins = factories.campaign(shared_connection, "Old – 2")
    unclear = factories.campaign(shared_connection, "Nothing says whose")
    client = as_(operator)
    page = text(client, url("assignment_import", shared_connection))
    assert "3 campaigns are nobody's" in page and "“Acme” is in its name" in page
    assert "it begins with “Old”, as 1 campaign of Globex does" in page
    assert page.count("<option selected>") == 2
    given = {f"of-{named.pk}": "Acme", f"of-{begins.pk}": "Acme", f"of-{unclear.pk}": ""}  # one of them was changed
    client.post(url("assignment_import", shared_connection), given)
    assert run().state == "done"
    assert [owner(row) for row in (named, begins, unclear)] == ["Acme", "Acme", "House"]
    with rls.scope(rls.SYSTEM):
        assert Campaign.objects.get(pk=named.pk).is_assigned_by_hand


def test_an_import_is_undone(operator, shared_connection, acme):
    campaign = factories.campaign(shared_connection, "Acme 1")
    client = as_(operator)
    client.post(url("assignment_import", shared_connection), {f"of-{campaign.pk}": "Acme"})
    action = run()
    client.post(url("assignment_import", shared_connection), {"undo": str(action.pk)})
    run()
    assert owner(campaign) == "House"
    assert "kept with the agency by hand" in text(client, url("assignment_import", shared_connection))


@pytest.mark.parametrize("given", ["Nobody Ltd.", ""], ids=["unknown", "none chosen"])
def test_a_row_without_a_customer_assigns_nothing(operator, shared_connection, acme, given):
    campaign = factories.campaign(shared_connection, "Acme 1")
    answer = as_(operator).post(url("assignment_import", shared_connection), {f"of-{campaign.pk}": given}, follow=True)
    assert ("There is no customer Nobody Ltd." if given else "at least one campaign") in answer.content.decode()
    with rls.scope(rls.SYSTEM):
        assert not StaffAction.objects.exists()


def test_a_forged_form_does_not_move_an_assigned_campaign(operator, shared_connection, acme, globex):
    theirs = factories.campaign(shared_connection, "Globex 1", globex, assigned_at=NOON)
    as_(operator).post(url("assignment_import", shared_connection), {f"of-{theirs.pk}": "Acme"})
    assert owner(theirs) == "Globex"


def test_with_many_customers_a_name_is_typed(operator, shared_connection, acme, monkeypatch):
    monkeypatch.setattr(assignment_pages, "MOST_CHOICES", 0)
    factories.campaign(shared_connection, "Acme 1")
    page = text(as_(operator), url("assignment_import", shared_connection))
    assert '<datalist id="sb-customers"><option value="Acme">' in page and 'value="Acme" aria-label' in page


def test_a_rule_is_proposed_for_assignments_by_hand_and_its_form_is_filled_in(operator, shared_connection, acme):
    for number in range(3):
        factories.campaign(shared_connection, f"ACX – {number}", acme, assigned_at=NOON)
    factories.campaign(shared_connection, "ACX – new")
    client = as_(operator)
    answer = client.get(url("assignment_import", shared_connection))
    (proposal,) = answer.context["proposals"]
    assert (proposal["count"], proposal["takes"], proposal["organization"]) == (3, 1, "Acme")
    form = text(client, proposal["url"])
    assert 'value="ACX"' in form and f'<option value="{acme.pk}" selected>' in form


def test_long_imports_have_pages(operator, shared_connection, acme, monkeypatch):
    monkeypatch.setattr(assignment_pages, "IMPORTED_AT_ONCE", 2)
    for number in range(3):
        factories.campaign(shared_connection, f"C{number}")
    client = as_(operator)
    assert "?page=2" in text(client, url("assignment_import", shared_connection))
    assert "C2" in text(client, url("assignment_import", shared_connection) + "?page=2")
    for page in ("0", "-1", "x", "99999999999"):
        assert client.get(url("assignment_import", shared_connection) + f"?page={page}").status_code == 200


# --- the form of a rule -----------------------------------------------------------------------------------------------


def test_a_list_is_typed_by_name_and_stored_by_id(operator, shared_connection, acme):
    factories.campaign(shared_connection, "Winter – 1", provider_id="p1")
    form = {
        "connection": str(shared_connection.pk), "kind": "listed", "value": "winter", "listed": "Winter – 1\n",
        "organization": str(acme.pk), "priority": "100", "is_active": "on",
    }  # fmt: skip
    client = as_(operator)
    assert client.post(reverse("admin:campaigns_assignmentrule_add"), form).status_code == 302
    with rls.scope(rls.SYSTEM):
        rule = AssignmentRule.objects.get()
    assert rule.listed == ["p1"]
    page = text(client, reverse("admin:campaigns_assignmentrule_change", args=[rule.pk]))
    assert "p1</textarea>" in page and "Winter – 1" in page


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"kind": "listed", "value": "x", "listed": "Nothing"}, "No campaign of this workspace is called"),
        ({"kind": "name_pattern", "value": "*"}, "fits every campaign"),
        ({"kind": "sender_domain", "value": "no domain"}, "Enter a domain"),
    ],
    ids=["list", "pattern", "domain"],
)
def test_a_wrong_rule_is_refused_in_the_form(operator, shared_connection, acme, given, said):
    form = {
        "connection": str(shared_connection.pk),
        "listed": "",
        "organization": str(acme.pk),
        "priority": "100",
        **given,
    }
    answer = as_(operator).post(reverse("admin:campaigns_assignmentrule_add"), form)
    assert answer.status_code == 200 and said in answer.content.decode()


def test_a_changed_rule_needs_another_preview(operator, shared_connection, acme):
    rule = stored(shared_connection, acme, "Acme", applied_at=NOON)
    form = {
        "connection": str(shared_connection.pk), "kind": "name_prefix", "value": "Ac", "listed": "", "organization": str(acme.pk),
        "priority": "100", "is_active": "on",
    }  # fmt: skip
    answer = as_(operator).post(reverse("admin:campaigns_assignmentrule_change", args=[rule.pk]), form, follow=True)
    assert "The rule has no effect yet" in answer.content.decode()
    with rls.scope(rls.SYSTEM):
        assert AssignmentRule.objects.get().applied_at is None


def test_a_campaigns_page_says_by_which_rule_it_was_assigned(operator, viewer, shared_connection, acme, globex):
    campaign = factories.campaign(shared_connection, "Acme 1")
    stored(shared_connection, acme, "Acme")
    apply(as_(operator), shared_connection, campaign)
    run()
    move_campaign(campaign.pk, globex.pk, now=timezone.now(), actor=operator)
    page = text(as_(viewer), reverse("admin:campaigns_campaign_change", args=[campaign.pk]))
    assert "<td>House → Acme</td><td>by the rule Name begins with &#x27;Acme&#x27;</td>" in page
    assert "<td>Acme → Globex</td><td>by hand</td>" in page


# --- the command --------------------------------------------------------------------------------------------------------


def test_the_command_shows_a_preview_and_then_applies(shared_connection, acme, capsys):
    campaign = factories.campaign(shared_connection, "Acme 1")
    stored(shared_connection, acme, "Acme")
    call_command("apply_assignment_rules", "--connection", "shared", "--dry-run")
    assert "Acme 1: House -> Acme (Name begins with 'Acme')" in capsys.readouterr().out
    assert owner(campaign) == "House"
    call_command("apply_assignment_rules", "--connection", "shared")
    assert "1 moved" in capsys.readouterr().out and owner(campaign) == "Acme"
