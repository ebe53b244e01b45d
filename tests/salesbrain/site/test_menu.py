"""Menu of the admin: by task, complete, and without names of libraries or tables."""

import re
from html import unescape

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

pytestmark = pytest.mark.django_db
site = admin.site


def menu(user) -> dict[str, list[str]]:
    client = Client()
    client.force_login(user)
    page = client.get("/admin/")
    return {str(app["name"]): [str(model["name"]) for model in app["models"]] for app in page.context["available_apps"]}


def test_the_menu_is_by_task(admin):
    assert menu(admin) == {
        "Today": ["Dashboard", "Inbox", "Findings", "Staff actions"],
        "Customers": ["Organizations", "Memberships", "Invitations", "Promote customers", "Conflict radar"],
        "Campaigns": ["Campaigns", "Stats by day", "Assign campaigns"],
        "Email accounts": ["Email accounts"],
        "People": ["Contacts", "Suppressions"],
        "Messages": ["Messages", "Events"],
        "Feed": ["Deliveries", "Pending deliveries", "Held deliveries", "Sync runs", "Alerts"],
        "Settings": [
            "Provider connections", "Users", "API tokens", "Assignment rules", "Jobs", "Audit entries", "Access entries",
            "Jobs and schedule",
        ],
    }  # fmt: skip


@pytest.mark.parametrize("role", ["viewer", "operator", "admin"])
def test_no_page_is_out_of_reach(request, role):
    listed = sum(len(models) for models in menu(request.getfixturevalue(role)).values())
    assert listed == len(admin.site._registry) + 6  # dashboard, inbox, radar, promotion, assignment, jobs


def test_every_entry_leads_to_a_page(viewer):
    client = Client()
    client.force_login(viewer)
    for app in client.get("/admin/").context["available_apps"]:
        for model in app["models"]:
            assert client.get(model["admin_url"]).status_code == 200, model["name"]


def crumbs(page: str) -> list[str]:
    """Return the breadcrumbs of a page as words."""
    found = re.search(r'<div class="breadcrumbs">(.*?)</div>', page, re.S)
    assert found, "the page has breadcrumbs"
    return [part.strip() for part in re.sub(r"<[^>]+>", "", unescape(found[1])).split("›")]


PATHS = {
    "list": ("/admin/messaging/contact/", ["Home", "People", "Contacts"]),
    "list called like its task": ("/admin/campaigns/campaign/", ["Home", "Campaigns"]),
    "form": ("/admin/campaigns/assignmentrule/add/", ["Home", "Settings", "Assignment rules", "Add assignment rule"]),
    "page": ("/admin/promotion/", ["Home", "Customers", "Promote customers"]),
    "jobs": ("/admin/jobs/", ["Home", "Settings", "Jobs and schedule"]),
    "radar": ("/admin/conflicts/", ["Home", "Customers", "Conflict radar"]),
    "assignment": ("/admin/assignment/", ["Home", "Campaigns", "Assign campaigns"]),
}


@pytest.mark.parametrize(("address", "words"), PATHS.values(), ids=PATHS)
def test_breadcrumbs_are_by_task(admin, address, words):
    client = Client()
    client.force_login(admin)
    assert crumbs(client.get(address).content.decode()) == words


def test_no_list_is_below_the_name_of_an_app(admin):
    client = Client()
    client.force_login(admin)
    tasks = {str(app["name"]) for app in client.get("/admin/").context["available_apps"]}
    for model in site._registry:
        words = crumbs(
            client.get(reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")).content.decode()
        )
        assert len(words) == 2 or words[1] in tasks, words
