"""Documentation pages: a document, search results, and the pictures that documents show.

Open to everybody, because they show files of the repository and no rows: so they need no scope. They do not inherit `Page`, whose texts
come from the translation catalogues. The language is part of the address, so that a copied link shows the same text.
"""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import translation
from django.views import View

from salesbrain.web.documents import searching, shelf
from salesbrain.web.documents.rendering import Rendered, render


class StartView(View):
    """Redirect to the documents in the language of the user, or of the browser."""

    http_method_names = ["get", "head", "options"]

    def get(self, request: HttpRequest) -> HttpResponse:
        language = (translation.get_language() or "en")[:2]
        return redirect("documents", language if language in shelf.LANGUAGES else "en")


class DocumentView(View):
    """One document; with `q` in the address, the search results instead of it."""

    http_method_names = ["get", "head", "options"]

    def get(self, request: HttpRequest, language: str, name: str = shelf.START) -> HttpResponse:
        if language not in shelf.LANGUAGES or name not in shelf.documents(language):
            raise Http404
        with translation.override(language):
            answer = TemplateResponse(request, "docs/page.html", self.context(language, name)).render()
        answer.headers["Content-Language"] = language
        return answer

    def context(self, language: str, name: str) -> dict[str, Any]:
        query = self.request.GET.get("q", "").strip()[: searching.LONGEST_QUERY]
        document = shelf.documents(language)[name]
        context = {
            "language": language,
            "title": document.title,
            "document": document,
            "groups": groups(language, "" if query else name),
            "other": other_language(language, name, query),
            "query": query,
            "longest_query": searching.LONGEST_QUERY,
        }
        if query:
            return context | {
                "title": query,
                "hits": [found(language, hit) for hit in searching.search(language, query)],
            }
        rendered = render(document, language)
        return context | {"html": rendered.html, "sections": sections(rendered), "children": children(language, name)}


class FileView(View):
    """A picture, or a table of plain text."""

    http_method_names = ["get", "head", "options"]

    def get(self, request: HttpRequest, name: str) -> HttpResponse:
        path = shelf.files().get(name)
        if path is None:
            raise Http404
        answer = HttpResponse(path.read_bytes(), content_type=shelf.FILE_TYPES[path.suffix])
        answer.headers["Cache-Control"] = "public, max-age=3600"
        return answer


def address_of(language: str, name: str) -> str:
    return reverse("documents", args=[language]) if name == shelf.START else reverse("document", args=[language, name])


def groups(language: str, current: str) -> list[tuple[Any, list[dict[str, Any]]]]:
    """Return the menu: of each group its label and its documents."""
    known = shelf.documents(language)
    return [
        (
            label,
            [
                {"title": known[name].title, "address": address_of(language, name), "is_current": name == current}
                for name in names
                if name in known
            ],
        )
        for label, names in shelf.GROUPS
    ]


def other_language(language: str, name: str, query: str) -> dict[str, str]:
    """Return the link to the same document in the other language; after a search, to the documents as a whole."""
    code = next(each for each in shelf.LANGUAGES if each != language)
    label = {"en": "English", "de": "Deutsch"}[code]
    return {"code": code, "label": label, "address": address_of(code, shelf.START if query else name)}


def sections(rendered: Rendered) -> list[Any]:
    """Return the second-level headings, for a list at the top; none if there are too many for a useful list."""
    found = [heading for heading in rendered.headings if heading.level == 2]
    return found if len(found) > 2 else []


def children(language: str, name: str) -> list[dict[str, str]]:
    """Return the documents beneath this one: each decision beneath the list of decisions."""
    return [
        {"title": document.title, "address": address_of(language, document.name)}
        for document in shelf.documents(language).values()
        if document.name.startswith(f"{name}/")
    ]


def found(language: str, hit: searching.Hit) -> dict[str, Any]:
    section = hit.section
    return {
        "title": section.title,
        "heading": section.heading if section.heading != section.title else "",
        "language": section.language,
        "address": f"{address_of(language, section.name)}#{section.anchor}",
        "excerpt": hit.excerpt,
    }
