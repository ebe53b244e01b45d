"""API error sentences in the caller's language: English by default, German by Accept-Language.

Codes are always the same.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.utils import translation

from accounts.choices import MembershipRole
from accounts.models import Membership, User
from salesbrain import rls
from salesbrain.api import throttles
from salesbrain.api.exceptions import SENTENCES, WORDINGS
from tests import factories

pytestmark = pytest.mark.django_db
LIST = "/api/instantly/campaigns"
GERMAN = {"accept-language": "de"}
NOBODY = "6fa4b3d8-0d43-4f0c-9a3f-3b1f2a7f7c11"
OF_PROGRAMMERS = {"ValueError", "TypeError", "NoColumn", "AssertionError", "NotImplementedError"}
"""Exceptions for mistakes in our own code, whose text no client sees."""


def both(client: Client, method: str, address: str, **request: object) -> tuple[dict, dict]:
    """Return the answer to the same request in English and in German."""
    ask = getattr(client, method)
    english, german = ask(address, **request), ask(address, headers=GERMAN, **request)
    assert english.status_code == german.status_code >= 400
    assert (english["Content-Language"], german["Content-Language"]) == ("en", "de")
    assert "Accept-Language" in english["Vary"]
    return english.json(), german.json()


@pytest.mark.parametrize(
    ("method", "address", "words"),
    [
        ("get", f"{LIST}?colour=red", "Dieser Parameter ist hier unbekannt"),
        ("get", f"{LIST}?limit=1&limit=2", "Dieser Parameter wurde mehrfach angegeben"),
        ("get", f"{LIST}?limit=ten", "Hier wird eine ganze Zahl erwartet"),
        ("get", f"{LIST}?limit=0", "größer oder gleich 1"),  # DRF's own sentence
        ("get", f"{LIST}?cursor=a!", "Das ist kein Cursor"),
        ("get", f"{LIST}?cursor=abcd", "gehört nicht zu dieser Liste"),
        ("get", f"{LIST}?status=asleep", "„asleep“ gehört nicht zu den erlaubten Werten"),
        ("get", f"{LIST}?organization_id=1", "Hier wird eine ID erwartet"),
        ("get", f"{LIST[:-1]}/{NOBODY}", "gibt es hier nichts"),
        ("get", "/api/instantly/nothing", "gibt es in der API nicht"),
        ("get", "/api/instantly/admin/campaigns", "Team der Agentur vorbehalten"),
        ("post", "/api/auth/tokens", "leer"),
    ],
)
def test_a_refusal_is_in_the_callers_language(api, customer, method, address, words):
    english, german = both(api(customer), method, address, **({"data": {"name": ""}} if method == "post" else {}))
    assert words in german["detail"] and words not in english["detail"]
    assert english["code"] == german["code"]
    assert list(english["errors"]) == list(german["errors"])


def test_a_missing_token_is_named_in_german(api):
    english, german = both(api(), "get", LIST)
    assert english["detail"].startswith("No token came") and german["detail"].startswith("Diese Anfrage enthielt kein")


@pytest.mark.parametrize("token", ["Bearer nonsense", "Bearer sb_" + "a" * 64, "Basic eDp5"])
def test_a_wrong_token_is_refused_in_german(api, db, token):
    client = api()
    client.credentials(HTTP_AUTHORIZATION=token)
    english, german = both(client, "get", LIST)
    assert german["detail"] != english["detail"] and german["code"] == english["code"]
    assert " ist " in german["detail"] or " kein" in german["detail"], german["detail"]


def test_a_method_that_is_not_allowed_is_refused_in_german(api, customer):
    english, german = both(api(customer), "put", LIST)
    assert (english["code"], german["code"]) == ("method_not_allowed", "method_not_allowed")
    assert "PUT" in german["detail"] and "not allowed" in english["detail"] and "not allowed" not in german["detail"]


def test_a_body_of_another_type_is_refused_in_german(api, operator):
    english, german = both(
        api(operator), "post", "/api/instantly/sync/workspace", data=b"a=b", content_type="text/plain"
    )
    assert "must be JSON" in english["detail"] and "JSON" in german["detail"] and "must" not in german["detail"]


def test_an_unreadable_body_is_refused_in_german(api, operator):
    english, german = both(
        api(operator), "post", "/api/instantly/sync/workspace", data=b"{", content_type="application/json"
    )
    assert english["code"] == german["code"] and english["detail"] != german["detail"]


def test_a_role_that_is_too_low_is_refused_in_german(api, customer, acme):
    with rls.scope(rls.SYSTEM):
        Membership.objects.filter(user=customer).update(role=MembershipRole.OBSERVER)
    given = {"email": "new@acme.example", "role": "member"}
    english, german = both(api(customer), "post", "/api/instantly/team/invitations", data=given, format="json")
    assert (english["code"], german["code"]) == ("role_too_low", "role_too_low")
    assert german["detail"] != english["detail"]


@pytest.mark.parametrize("rates", ["of the token", "of the address"])
def test_too_many_requests_are_refused_in_german(api, customer, settings, monkeypatch, rates):
    monkeypatch.setattr(throttles, "TOKENS_OF_AN_ADDRESS", 1 if rates == "of the address" else 10)
    framework = settings.REST_FRAMEWORK
    limited = framework["DEFAULT_THROTTLE_RATES"] | {"default": "1/minute"}
    settings.REST_FRAMEWORK = {**framework, "DEFAULT_THROTTLE_RATES": limited}
    client = api(customer)
    assert client.get(LIST).status_code == 200
    english, german = both(client, "get", LIST)
    assert (english["code"], german["code"]) == ("throttled", "throttled")
    assert english["detail"].startswith("Too many requests") and german["detail"].startswith("Zu viele Anfragen")


def test_an_internal_error_is_reported_in_german(api, customer, monkeypatch):
    from campaigns.api.views import CampaignViewSet

    def fail(self, request):
        raise LookupError("of the inside")

    monkeypatch.setattr(CampaignViewSet, "list", fail)
    client = api(customer)
    client.raise_request_exception = False
    english, german = both(client, "get", LIST)
    assert english["detail"].startswith("Something broke") and german["detail"].startswith("Auf unserer Seite")


def test_a_user_of_no_organization_reads_why_in_german(api, customer):
    User.objects.filter(pk=customer.pk).update(is_active=False)
    _, german = both(api(customer), "get", LIST)
    assert german["detail"] == "Dieser Benutzer ist deaktiviert: Wenden Sie sich an die Agentur."


def test_the_users_own_language_does_not_apply_to_the_api(api, customer):
    User.objects.filter(pk=customer.pk).update(language="de")
    assert api(customer).get(f"{LIST}?colour=red")["Content-Language"] == "en"


def test_the_next_request_of_the_thread_is_english_again(api, customer, acme_connection):
    factories.campaign(acme_connection, "One")
    client = api(customer)
    client.get(f"{LIST}?colour=red", headers=GERMAN)
    assert "unknown here" in client.get(f"{LIST}?colour=red").json()["detail"]


OURS = [wording.detail for wording in WORDINGS.values() if wording.detail is not None]
"""Sentences of our error responses; an exception class without one has its own."""


@pytest.mark.parametrize("sentence", [*OURS, *SENTENCES.values()], ids=str)
def test_each_answer_to_an_exception_has_a_german_sentence(sentence):
    with translation.override("de"):
        german = str(sentence)
    assert german != str(sentence)


def bare_sentences(code: str) -> Iterator[str]:
    """Yield every text with a space in it that an exception is raised with, outside of a call for a translation."""
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
            if getattr(node.exc.func, "id", "") not in OF_PROGRAMMERS:
                yield from _bare(node.exc)
        elif isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "").startswith("default_"):
            yield from _bare(node.value)


def _bare(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("_", "gettext", "ngettext"):
        return
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value.strip():
        yield node.value
    for child in ast.iter_child_nodes(node):
        yield from _bare(child)


def test_the_search_for_bare_sentences_finds_one():
    assert list(bare_sentences('raise Refused({"a": [f"No such {x} here."]})')) == ["No such "]
    assert list(bare_sentences('raise Refused("Not here.")')) == ["Not here."]
    assert list(bare_sentences('raise Refused(_("Not here."))')) == []


@pytest.mark.parametrize("package", ["salesbrain", "accounts", "campaigns", "messaging", "instantly"])
def test_no_api_raises_a_sentence_outside_of_the_catalogue(package):
    found = {
        f"{path.name}: {text}"
        for path in Path(settings.BASE_DIR, package, "api").rglob("*.py")
        for text in bare_sentences(path.read_text(encoding="utf-8"))
    }
    assert found == set()
