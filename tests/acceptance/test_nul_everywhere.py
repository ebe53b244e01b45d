"""NUL characters in every parameter, body and page: refused with 4xx, never a 500."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.contrib import admin as django_admin
from django.db import models
from django.test import Client

from tests import factories

DOCUMENT = json.loads((Path(__file__).parents[2] / "docs" / "openapi.json").read_text(encoding="utf-8"))
OPERATIONS = [
    (path, method, operation)
    for path, item in DOCUMENT["paths"].items()
    for method, operation in item.items()
    if method in ("get", "post", "patch", "delete")
]
REFUSED = {400, 404}
ID = "5f0d7a52-9c1e-4f1b-8a55-0e6c0f3a1b2c"
PAGES = {f"/admin/{model._meta.app_label}/{model._meta.model_name}/": model for model in django_admin.site._registry}
ADDRESSES = [
    "/%00",
    "/admin/%00",
    "/admin/%00/",
    "/api/%00",
    "/api/docs%00",
    "/webhooks/%00",
    "/static/%00",
    "/healthz%00",
]
QUERIES = ["/admin/login/?next=%00", "/api/docs?x=%00", "/api/schema?lang=%00", "/admin/jsi18n/?x=%00"]


@pytest.fixture
def staff(admin) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(admin)
    return client


@pytest.fixture
def caller(api, admin) -> Any:
    client = api(admin)
    client.raise_request_exception = False
    return client


def text_places(schema: dict[str, Any]) -> list[str]:
    """Return the fields of a body that take text."""
    schema = DOCUMENT["components"]["schemas"][schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema
    kinds = {name: part.get("type", "string") for name, part in schema.get("properties", {}).items()}
    return [name for name, kind in kinds.items() if "string" in kind]


@pytest.mark.django_db
@pytest.mark.parametrize(("path", "method", "operation"), OPERATIONS, ids=[f"{m} {p}" for p, m, _ in OPERATIONS])
def test_the_api_refuses_nul_in_path_query_and_body(caller, path, method, operation):
    whole = path
    names = [part["name"] for part in operation.get("parameters", []) if part["in"] == "path"]
    for name in names:
        whole = whole.replace(f"{{{name}}}", ID)
    for name in names:
        broken = path
        for other in names:
            broken = broken.replace(f"{{{other}}}", "a%00b" if other == name else ID)
        assert getattr(caller, method)(broken).status_code in REFUSED | {405}
    for name in [part["name"] for part in operation.get("parameters", []) if part["in"] == "query"] + ["x", "%00"]:
        assert getattr(caller, method)(f"{whole}?{name}=a%00b").status_code in REFUSED, name
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    for name in text_places(content.get("schema", {})) if content else []:
        body = {name: "a\0b", **({"name": "x"} if path == "/api/auth/tokens" and name != "name" else {})}
        answer = getattr(caller, method)(whole, body)
        assert answer.status_code in REFUSED | {409}, (name, answer.content)


@pytest.mark.django_db
@pytest.mark.parametrize("path", sorted(PAGES))
def test_the_admins_lists_refuse_nul_in_keys_filters_and_searches(staff, path):
    model = PAGES[path]
    for part in ("change", "delete", "history"):
        assert staff.get(f"{path}a%00b/{part}/").status_code in REFUSED
    fields = [field.name for field in model._meta.get_fields() if isinstance(field, models.Field)]
    for name in ["q", "o", "p", "e", "all", "_facets", "_to_field", "_popup", "_changelist_filters", *fields]:
        assert staff.get(f"{path}?{name}=a%00b").status_code in REFUSED, name
        assert staff.get(f"{path}?{quote(name)}__exact=a%00b").status_code in REFUSED, name
    for name in ("action", "_selected_action", "index", "select_across"):
        data = {"action": "delete_selected", "_selected_action": "1", "index": "0"} | {name: "a\0b"}
        answer = staff.post(path, data)
        assert answer.status_code < 500, name


@pytest.mark.django_db
@pytest.mark.parametrize("field", ["username", "password", "code", "next"])
def test_logging_in_with_nul_is_a_failed_login(admin, field):
    client = Client(raise_request_exception=False)
    data = {"username": admin.email, "password": "admin-password", "code": "", "next": "/admin/"}
    answer = client.post("/admin/login/", data | {field: data[field] + "\0"})
    assert answer.status_code in (200, 302, 400)


@pytest.mark.django_db
@pytest.mark.parametrize("path", ADDRESSES)
def test_an_address_with_nul_is_refused(path):
    assert Client(raise_request_exception=False).get(path).status_code in REFUSED


@pytest.mark.django_db
@pytest.mark.parametrize("path", QUERIES)
def test_every_page_refuses_nul_in_its_query_string(path):
    assert Client(raise_request_exception=False).get(path).status_code in REFUSED | {302}


@pytest.mark.django_db
def test_forms_of_the_admin_explain_that_nul_is_not_allowed(staff, acme):
    answer = staff.post("/admin/accounts/organization/add/", {"name": "a\0b", "slug": "a\0b", "is_active": "on"})
    assert answer.status_code in (200, 400)
    key = factories.connection("acme", acme).pk
    answer = staff.post(f"/admin/accounts/providerconnection/{key}/change/", {"name": "a\0b", "new_api_key": "k\0"})
    assert answer.status_code in (200, 400)
