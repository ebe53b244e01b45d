"""Untranslated texts on customer pages, found by rendering every page with marked translations."""

import pytest
from django.test import Client
from django.utils.translation import gettext

from accounts.models import User
from salesbrain.web import error_pages
from tests.salesbrain.web import example_rows, pages
from tests.salesbrain.web.marking import mark_translations, untranslated

pytestmark = pytest.mark.django_db


@pytest.fixture
def marked(monkeypatch):
    mark_translations(monkeypatch)


def test_the_check_finds_a_bare_text():
    assert untranslated("<p>⟦fine⟧ 12</p><p>Not translated</p>") == ["Not translated"]
    assert untranslated('<a aria-label="Bare">⟦fine ⟦twice⟧⟧</a>') == ["Bare"]


@pytest.mark.parametrize("page", list(pages.opened()), ids=lambda page: page.route or "overview")
def test_every_text_of_a_page_is_translated(page, marked, customer, acme_connection, settings):
    example_rows.make(acme_connection)
    User.objects.filter(pk=customer.pk).update(name="Acme")
    client = Client() if page not in pages.of_users() else pages.client_of(customer)
    answer = client.get(page.address, follow=True)
    assert answer.status_code == (410 if "token" in page.view.example_arguments else 200)
    assert untranslated(answer.content.decode()) == []


@pytest.mark.parametrize("status", sorted(error_pages.TEXTS))
def test_every_text_of_an_error_page_is_translated(marked, status):
    assert untranslated(error_pages.page(status).content.decode()) == []


def test_a_text_without_a_german_one_is_not_marked(marked):
    assert (gettext("Settings"), gettext("In no catalogue")) == ("⟦Settings⟧", "In no catalogue")


def test_both_languages_say_the_same_page_differently(customer):
    client = pages.client_of(customer)
    english, german = (client.get("/settings", headers={"accept-language": code}) for code in ("en", "de"))
    assert 'lang="en"' in english.content.decode() and "Time zone" in english.content.decode()
    assert 'lang="de"' in german.content.decode() and "Zeitzone" in german.content.decode()
