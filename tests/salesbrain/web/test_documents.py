"""Documentation pages: open to everybody, searchable, without scripts, without a way to other files."""

import re

import pytest
from django.conf import settings
from django.test import Client

from salesbrain.web.documents import searching, shelf
from salesbrain.web.documents.rendering import anchor_of
from tests.salesbrain.web.pages import client_of

PAGES = [(language, name) for language in shelf.LANGUAGES for name in shelf.documents(language)]


@pytest.fixture
def client() -> Client:
    return Client()


def test_the_start_leads_to_the_language_of_the_browser(client, db):
    assert client.get("/docs", headers={"accept-language": "de-CH"}).headers["Location"] == "/docs/de"
    assert client.get("/docs", headers={"accept-language": "fr"}).headers["Location"] == "/docs/en"


def test_the_start_leads_to_the_language_a_user_chose(customer):
    type(customer).objects.filter(pk=customer.pk).update(language="de")
    answer = client_of(customer).get("/docs", headers={"accept-language": "en"})
    assert answer.headers["Location"] == "/docs/de"


@pytest.mark.parametrize(("language", "name"), PAGES, ids=lambda value: value)
def test_every_document_opens_without_login_and_needs_no_script_and_no_query(
    client, language, name, django_assert_num_queries, db
):
    with django_assert_num_queries(0):
        answer = client.get(f"/docs/{language}" if name == "index" else f"/docs/{language}/{name}")
    page = answer.content.decode()
    assert answer.status_code == 200 and answer.headers["Content-Language"] == language
    assert f'<html lang="{language}">' in page
    assert not re.search(r"<script|\sstyle=|\son\w+=", page)
    assert "<h1" in page


@pytest.mark.parametrize(
    "address",
    [
        "/docs/fr",
        "/docs/en/nothing",
        "/docs/en/../../salesbrain/settings.py",
        "/docs/en/%2e%2e/%2e%2e/.env.example",
        "/docs/en/..%2f..%2fMakefile",
        "/docs/en//etc/passwd",
        "/docs/files/../../.env.example",
        "/docs/files/%2e%2e/glossary.md",
        "/docs/files//etc/passwd",
        "/docs/files/images/../../Makefile",
        "/docs/../docs/en/index.md",
    ],
)
def test_only_documents_can_be_asked_for(client, db, address):
    answer = client.get(address)
    assert answer.status_code == 404
    assert b"DATABASE_URL" not in answer.content and b"root:" not in answer.content


def test_nothing_can_be_sent_to_the_pages(client, db):
    assert client.post("/docs/en", {"q": "x"}).status_code == 405


def test_pictures_and_plain_tables_are_served_with_their_type(client, db):
    for name, path in shelf.files().items():
        answer = client.get(f"/docs/files/{name}")
        assert answer.status_code == 200 and answer.content == path.read_bytes()
        assert answer.headers["Content-Type"] == shelf.FILE_TYPES[path.suffix]


def test_a_menu_entry_is_marked_and_links_to_the_other_language(client, db):
    page = client.get("/docs/en/security").content.decode()
    assert 'href="/docs/en/security" aria-current="page"' in page
    assert 'href="/docs/de/security" lang="de"' in page


def test_links_between_files_become_addresses_of_the_pages(client, db):
    page = client.get("/docs/de").content.decode()
    assert 'href="/docs/de/getting-started"' in page and ".md" not in re.sub(r"<code>.*?</code>", "", page)


def test_search_finds_sections_and_marks_words(client, db):
    page = client.get("/docs/en", {"q": "encryption keys"}).content.decode()
    assert "<mark>" in page and "/docs/en/security#" in page


@pytest.mark.parametrize(
    ("language", "query", "name"),
    [
        ("en", "feed dead", "runbooks"),
        ("en", "ERASE person", "security"),
        ("de", "schlüssel widerrufen", "runbooks"),
        ("de", "schlussel WIDERRUFEN", "runbooks"),
        ("de", "Löschen Person", "security"),
    ],
)
def test_search_knows_words_in_any_case_and_without_accents(language, query, name):
    assert name in [hit.section.name for hit in searching.search(language, query)[:3]]


def test_a_search_without_a_hit_says_what_to_do(client, db):
    page = client.get("/docs/en", {"q": "xylophone"}).content.decode()
    assert "0 sections found" in page and "fewer words" in page


def test_the_search_term_is_shown_as_text(client, db):
    page = client.get("/docs/en", {"q": '"><script>alert(1)</script>'}).content.decode()
    assert "<script" not in page


def test_a_long_query_is_cut(client, db):
    assert client.get("/docs/en", {"q": "word " * 5000}).status_code == 200
    assert len(searching.words_of("a b c d e f g h i j k")) == searching.MOST_WORDS


def test_every_section_that_is_found_can_be_opened():
    for language in shelf.LANGUAGES:
        for section in searching.sections(language):
            assert section.anchor == anchor_of(section.heading)
            assert section.name in shelf.documents(language)


def test_an_excerpt_holds_the_text_as_it_is():
    pieces = searching.excerpt("Größe der Straße", ["strasse"])
    assert pieces == (("Größe der ", False), ("Straße", True), ("", False))


def test_markdown_with_html_is_shown_as_text(tmp_path, db):
    from salesbrain.web.documents.rendering import render

    path = tmp_path / "x.md"
    path.write_text("# X\n\n<script>alert(1)</script>\n\n[a](javascript:alert(1))\n\n| a |\n|--:|\n| 1 |\n")
    html = render(shelf.Document("x", "en", path), "en").html
    assert "<script" not in html and "javascript:" not in re.findall(r'href="([^"]*)"', html)
    assert 'class="num"' in html and "style=" not in html


def test_the_stylesheet_stays_small():
    assert (settings.BASE_DIR / "static" / "salesbrain" / "docs.css").stat().st_size <= 6 * 1024


def test_the_menu_of_a_user_leads_to_the_documentation(customer):
    assert 'href="/docs"' in client_of(customer).get("/settings").content.decode()
