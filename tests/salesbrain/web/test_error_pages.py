"""Error pages: in the reader's language, without internal details and without a database."""

import re

import pytest
from django.db import connections
from django.test import Client, RequestFactory

from salesbrain.rls.self_check import self_check
from salesbrain.web import error_pages
from tests.salesbrain.web.pages import client_of

GERMAN = {"accept-language": "de"}


@pytest.mark.django_db
def test_an_unknown_address_is_a_page_in_both_languages(client):
    english, german = client.get("/nothing-here"), client.get("/nothing-here", headers=GERMAN)
    assert (english.status_code, german.status_code) == (404, 404)
    assert "There is no such page" in english.content.decode()
    assert "Diese Seite gibt es nicht" in german.content.decode()


@pytest.mark.django_db
def test_the_start_page_is_never_a_debug_page(client, settings):
    settings.DEBUG = True
    answer = client.get("/", follow=True)
    assert answer.redirect_chain == [("/login", 302)] and answer.status_code == 200


def test_a_failure_is_a_page_without_asking_the_database(monkeypatch):
    def refuse(*args, **kwargs):
        raise AssertionError("the database was asked")

    with monkeypatch.context() as patched:
        patched.setattr(connections["default"], "ensure_connection", refuse)
        answer = error_pages.server_error(RequestFactory().get("/"))
    assert answer.status_code == 500 and "Something went wrong on our side" in answer.content.decode()


@pytest.mark.django_db
def test_a_failing_view_shows_nothing_of_the_inside(customer, monkeypatch):
    from messaging.web import overview

    def fail(**_: object) -> None:
        raise ValueError("secret-of-the-inside")

    monkeypatch.setattr(overview, "load_overview", fail)
    client = client_of(customer)
    client.raise_request_exception = False
    answer = client.get("/", headers=GERMAN)
    assert answer.status_code == 500
    assert (
        "Bei uns ist etwas schiefgegangen" in answer.content.decode() and b"secret-of-the-inside" not in answer.content
    )


def test_even_a_broken_template_is_answered(monkeypatch):
    monkeypatch.setattr(error_pages, "TEMPLATE", "web/absent.html")
    answer = error_pages.server_error(RequestFactory().get("/"))
    assert (answer.status_code, answer.content) == (500, b"Something went wrong on our side.")


@pytest.mark.django_db
def test_a_form_without_csrf_token_gets_a_page_with_advice(admin):
    client = Client(enforce_csrf_checks=True)
    client.force_login(admin)
    answer = client.post("/logout")
    assert answer.status_code == 403 and "reload the page" in answer.content.decode()


@pytest.mark.django_db
def test_a_bad_request_is_a_page(client):
    answer = client.get("/login?next=%00")
    assert answer.status_code == 400 and "cannot be understood" in answer.content.decode()


@pytest.mark.django_db
def test_a_failed_self_check_is_reported_in_the_readers_language(client, monkeypatch):
    monkeypatch.setattr(self_check, "reasons", ["a wall is missing"])
    answer = client.get("/", headers=GERMAN)
    assert (answer.status_code, answer["Retry-After"]) == (503, "15")
    assert "kurz nicht erreichbar" in answer.content.decode() and b"wall" not in answer.content


@pytest.mark.parametrize("status", sorted(error_pages.TEXTS))
def test_an_error_page_needs_no_other_file_and_allows_nothing_unsafe(status):
    answer = error_pages.page(status)
    assert not re.search(r"<script|<link|<img|\ssrc=|@import|url\(", answer.content.decode())
    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy
    assert f"<style>{error_pages.STYLE}</style>" in answer.content.decode(), (
        "the policy names the digest of exactly this"
    )
