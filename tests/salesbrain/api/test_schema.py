"""Committed OpenAPI document: up to date, and viewers without internet or inline scripts."""

import json
import re
from pathlib import Path

import pytest
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema

COMMITTED = Path(__file__).parents[3] / "docs" / "openapi.json"  # the document as committed, compared with the code's
HOW = "write it anew: manage.py spectacular --format openapi-json --file docs/openapi.json"


@pytest.fixture(scope="module")
def document():
    return json.loads(json.dumps(SchemaGenerator().get_schema(public=True)))


def test_the_committed_document_is_the_codes(document):
    assert json.loads(COMMITTED.read_text(encoding="utf-8")) == document, HOW


def test_the_document_is_openapi_3_1(document):
    validate_schema(document)
    assert document["openapi"].startswith("3.1")


def test_every_operation_documents_its_purpose_and_errors(document):
    for path, item in document["paths"].items():
        for method, operation in item.items():
            where = f"{method} {path}"
            assert operation["summary"], where
            assert operation["security"][0] == {"bearerToken": []}, where
            assert {"400", "401", "403", "404", "429", "500", "503"} <= set(operation["responses"]), where
            for parameter in operation.get("parameters", []):
                assert parameter["schema"], f"{where} {parameter['name']}"


def test_every_route_below_api_is_in_the_document(document):
    from django.urls import get_resolver

    def walk(patterns, prefix=""):
        for pattern in patterns:
            path = prefix + str(pattern.pattern)
            if hasattr(pattern, "url_patterns"):
                yield from walk(pattern.url_patterns, path)
            elif path.startswith(("api/instantly", "api/auth")):
                yield "/" + re.sub(r"<str:(\w+)>", r"{\1}", path)

    assert set(walk(get_resolver().url_patterns)) == set(document["paths"])


def test_the_document_is_there_for_everybody(client):
    answer = client.get("/api/schema")
    assert answer.status_code == 200 and json.loads(answer.content)["info"]["title"] == "Salesbrain API"


@pytest.mark.parametrize("page", ["/api/docs", "/api/docs/redoc"])
def test_the_viewers_need_no_other_site_and_no_inline_script(client, page):
    answer = client.get(page)
    text = answer.content.decode()
    assert answer.status_code == 200
    assert not re.findall(r'(?:src|href)="(?:https?:)?//', text), "something is fetched from another site"
    assert not re.findall(r"<script(?![^>]*\bsrc=)[^>]*>", text), (
        "an inline script: blank under the content security policy"
    )
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy and "script-src" not in policy


def test_redoc_names_no_other_site_to_load_from(client):
    """ReDoc's own links may lead to other sites, but it must load nothing from there. An upgrade may bring another address: look where it
    is used."""
    script = client.get("/api/docs/redoc.js")
    assert script.headers["Content-Type"].startswith("text/javascript")
    assert re.findall(rb"https?://[^\"' ]*(?:cdn|static|fonts)[^\"' ]*", script.content) == []


@pytest.mark.django_db  # closing a response closes old connections
@pytest.mark.parametrize("page", ["/api/docs", "/api/docs/redoc"])
def test_the_viewers_load_only_local_files(client, page):
    for path in re.findall(r'(?:src|href)="(/[^"]+)"', client.get(page).content.decode()):
        answer = client.get(path.replace("&amp;", "&"))
        assert answer.status_code == 200, path
        answer.close()
