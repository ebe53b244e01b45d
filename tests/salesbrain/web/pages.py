"""List all pages by their URL routes, and log in the clients that open them in tests."""

from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser

from django.test import Client
from django.urls import reverse

from salesbrain.isolation.portal import views
from salesbrain.web.views import Page, PageView


@dataclass(frozen=True)
class Opened:
    """A page's URL route and view, with an example URL."""

    route: str
    view: type[Page]
    address: str


def opened() -> Iterator[Opened]:
    """Yield every page that answers GET."""
    for route, view in sorted(views().items()):
        if "get" in view.http_method_names and hasattr(view, "get"):
            name = route_name(view)
            yield Opened(route, view, reverse(name, kwargs=view.example_arguments))


def route_name(view: type[Page]) -> str:
    from django.urls import get_resolver

    for names in (key for key in get_resolver().reverse_dict if callable(key)):
        if getattr(names, "view_class", None) is view:
            return names
    raise LookupError(f"{view.__name__} has no route")


def of_users() -> list[Opened]:
    return [page for page in opened() if issubclass(page.view, PageView)]


def client_of(user: object) -> Client:
    client = Client()
    client.force_login(user)  # type: ignore[arg-type]
    return client


SAID_BY_ATTRIBUTES = {"aria-label", "title", "placeholder", "alt", "content"}
NOT_SHOWN = {"script", "style", "code", "pre", "textarea"}
"""Elements whose text is not checked: `pre` and `textarea` hold documents and people's texts."""


class Texts(HTMLParser):
    """All visible and accessible texts of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in NOT_SHOWN:
            self._hidden += 1
        if tag == "meta":
            return
        if tag == "input" and ("type", "submit") in attrs:
            self.texts += [value for name, value in attrs if name == "value" and value]
        self.texts += [value for name, value in attrs if name in SAID_BY_ATTRIBUTES and value]

    def handle_endtag(self, tag: str) -> None:
        if tag in NOT_SHOWN:
            self._hidden -= 1

    def handle_data(self, data: str) -> None:
        if not self._hidden and data.strip():
            self.texts.append(data.strip())


def texts_of(page: str) -> list[str]:
    parser = Texts()
    parser.feed(page)
    return parser.texts
