"""Menu of the admin: by task, complete, and without names of libraries or tables."""

import pytest
from django.contrib import admin
from django.test import Client

pytestmark = pytest.mark.django_db


def menu(user) -> dict[str, list[str]]:
    client = Client()
    client.force_login(user)
    page = client.get("/admin/")
    return {str(app["name"]): [str(model["name"]) for model in app["models"]] for app in page.context["available_apps"]}


def test_the_menu_is_by_task(admin):
    assert menu(admin) == {
        "Today": ["Dashboard", "Inbox", "Findings", "Staff actions"],
        "Customers": ["Organizations", "Memberships", "Invitations", "Conflict radar"],
        "Campaigns": ["Campaigns", "Stats by day", "Assign campaigns"],
        "Email accounts": ["Email accounts"],
        "People": ["Contacts", "Suppressions"],
        "Messages": ["Messages", "Events"],
        "Feed": ["Deliveries", "Pending deliveries", "Held deliveries", "Sync runs", "Alerts"],
        "Settings": [
            "Provider connections", "Users", "API tokens", "Assignment rules", "Jobs", "Audit entries", "Access entries",
            "Scheduled jobs",
        ],
    }  # fmt: skip


@pytest.mark.parametrize("role", ["viewer", "operator", "admin"])
def test_no_page_is_out_of_reach(request, role):
    listed = sum(len(models) for models in menu(request.getfixturevalue(role)).values())
    assert listed == len(admin.site._registry) + 5  # dashboard, inbox, radar, assignment, scheduled jobs


def test_every_entry_leads_to_a_page(viewer):
    client = Client()
    client.force_login(viewer)
    for app in client.get("/admin/").context["available_apps"]:
        for model in app["models"]:
            assert client.get(model["admin_url"]).status_code == 200, model["name"]
