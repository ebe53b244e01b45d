"""No text of a page stands outside of the catalogue: every page is rendered with marked translations."""

import re
from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from accounts.models import User
from salesbrain.web import error_pages
from tests.salesbrain.web import example_rows, pages

pytestmark = pytest.mark.django_db

TRANSLATIONS: Any = vars(translation)["_trans"]  # where Django looks every text up
DATA = re.compile(
    r"Salesbrain|UTC|CSV|English|Deutsch|Acme|Globex|[\w.+-]+@[\w.-]+|(?:Africa|America|Antarctica|Arctic|Asia|Atlantic|Australia|Europe|Indian|Pacific)/\S.*"
)
"""What is no text of ours: names, and names of time zones."""


@pytest.fixture
def marked(monkeypatch):
    """Every translation comes in brackets."""
    for name in ("gettext", "ngettext", "pgettext", "npgettext"):
        real = getattr(TRANSLATIONS, name)
        monkeypatch.setattr(TRANSLATIONS, name, lambda *args, real=real: f"⟦{real(*args)}⟧", raising=False)


def untranslated(page: str) -> list[str]:
    """Return the texts of a page that did not come from the catalogue."""
    found = []
    for text in pages.texts_of(page):
        rest = text
        while (without := re.sub(r"⟦[^⟦⟧]*⟧", "", rest)) != rest:
            rest = without
        if re.search(r"[^\W\d_]{2}", DATA.sub("", rest)):
            found.append(text)
    return found


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


def test_both_languages_say_the_same_page_differently(customer):
    client = pages.client_of(customer)
    english, german = (client.get("/settings", headers={"accept-language": code}) for code in ("en", "de"))
    assert 'lang="en"' in english.content.decode() and "Time zone" in english.content.decode()
    assert 'lang="de"' in german.content.decode() and "Zeitzone" in german.content.decode()
