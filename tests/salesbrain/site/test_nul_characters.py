"""NUL characters in a URL, a filter or a key: 400, never 500."""

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

pytestmark = pytest.mark.django_db(transaction=True)
MODELS = sorted(admin.site._registry, key=lambda model: model._meta.label)


@pytest.fixture
def staff(admin):
    client = Client(raise_request_exception=False)
    client.force_login(admin)
    return client


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_no_list_and_no_key_fails_for_a_nul_character(staff, model):
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
    url = reverse(f"{name}_changelist")
    for query in ("status__exact=%00", "q=%00", "p=%00", "o=%00", "%00=1", "id__exact=a%00b", "q=%2500"):
        answer = staff.get(f"{url}?{query}")
        assert answer.status_code == (400 if "%25" not in query else answer.status_code) and answer.status_code < 500, (
            query
        )
    for page in ("change", "history", "delete"):
        assert staff.get(f"{url}%00/{page}/").status_code == 404
        assert staff.get(f"{url}_00/{page}/").status_code < 500
    assert staff.post(url, {"action": "delete_selected", "_selected_action": ["\0"]}).status_code == 400


@pytest.mark.parametrize(
    "path",
    [
        "/%00",
        "/admin/%00",
        "/static/%00.css",
        "/admin/login/?next=%00",
        "/admin/autocomplete/?term=%00",
        "/api/instantly/campaigns?%00=1",
    ],
)
def test_no_address_fails_for_a_nul_character(staff, path):
    assert staff.get(path).status_code in (400, 401, 403, 404)
