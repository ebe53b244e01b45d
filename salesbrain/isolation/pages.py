"""Isolation checks of every admin page and every other address, for every actor.

Staff see all organizations, so the rules here are: nobody else sees anything, a viewer changes nothing, an operator deletes nothing
and does nothing to people and keys, and no page shows a secret to anybody.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model
from django.urls import get_resolver
from knox.models import AuthToken

from accounts.models import Organization, User
from accounts.permissions import FOR_ADMINS
from messaging.models import Message
from salesbrain.isolation import portal
from salesbrain.isolation.findings import Notes
from salesbrain.isolation.fixtures import Side, World
from salesbrain.isolation.http_client import Answer, HttpActor
from salesbrain.isolation.requests import document

SLOT = re.compile(r"<(?:(\w+):)?(\w+)>")
SLOT_VALUES = {
    "content_type_id": lambda world, model, side: ContentType.objects.get_for_model(Organization).pk,
    "object_id": lambda world, model, side: _row(world, model, side),
    "id": lambda world, model, side: _row(world, model, side),
    "pk": lambda world, model, side: _row(world, model, side),
    "connection_id": lambda world, model, side: side.ids["provider_connection_id"],
    "organization_id": lambda world, model, side: side.organization,
    "promotion_id": lambda world, model, side: side.rows["instantly_promotion"][0],
    "part": lambda world, model, side: "text",
}
"""Value by name of a parameter in admin URLs. A parameter of another name makes the proof fail as untried."""

PATTERNS = {
    "^(?P<app_label>": lambda: [
        f"{label}/" for label in sorted({model._meta.app_label for model in admin.site._registry})
    ],
    "(?P<url>.*)$": lambda: ["no-such-page/"],
}
"""URLs that are regular expressions and not routes, by their beginning, with a URL to request instead."""

NOT_ADMIN = {
    "healthz": "says that the process answers",
    "readyz": "reports whether the database answers and isolation holds",
    "metrics": "says how the feed stands, to whoever has METRICS_TOKEN (in the demo: to anybody)",
    "webhooks/instantly/webhook": "takes deliveries; the secret decides whose",
    "webhooks/instantly/webhook/": "the same",
    "api/schema": "the document, the same for everybody",
    "api/docs": "the document, to read",
    "api/docs/redoc": "the document, to read",
    "api/docs/redoc.js": "what shows it",
    "^api(?:/.*)?$": "says that there is no such address",
    "docs": "sends on to the documentation",
    "docs/<str:language>": "the documentation, which holds no row",
    "docs/<str:language>/<path:name>": "a document of it",
    "docs/files/<path:name>": "a picture of it",
    "login": "the way in: says nothing of whom it lets in",
    "login/code": "its second step, for a session whose password was right",
    "login/demo": "one-click login, in the demo only",
    "logout": "ends a session",
    "poll": "says to a session where the event feed of its organization stands, as a number",
}
"""URLs outside of the OpenAPI document and the admin. They are requested, and must show no organization's data."""

EXAMPLES = {"<str:language>": "en", "<path:name>": "glossary"}
"""Values for the parameters of the URLs above."""

NAMED = dict.fromkeys(
    ("readyz", "metrics"), lambda world: [str(side.ids["provider_connection_id"]) for side in world.sides]
)
"""Data that such a URL may show: the state of each connection's feed, by the connection's random id."""

NEVER_POSTED = ("/admin/logout/", "/admin/login/", "/admin/password_change/")
"""URLs that get no POST, because it would end the proof's session or change its user."""


@dataclass(frozen=True)
class Page:
    path: str
    name: str  # how the route is written
    model: type[Model] | None


def _row(world: World, model: type[Model] | None, side: Side) -> Any:
    if model is Message:
        return side.ids["message"]
    if model is User:
        return side.user.pk if side.user else None
    if model is None:
        return side.organization
    if model is AuthToken:
        tokens: Any = AuthToken._default_manager
        return tokens.filter(user=side.user).values_list("pk", flat=True).first() or tokens.create(side.user)[0].pk
    if model._meta.db_table in side.rows:
        return side.rows[model._meta.db_table][0]
    return model._default_manager.values_list("pk", flat=True).first() or 1  # a library's table, without rows of either


def routes(resolver: Any = None, prefix: str = "") -> Iterator[str]:
    """Yield every address pattern of the product."""
    for pattern in (resolver or get_resolver()).url_patterns:
        here = prefix + str(pattern.pattern)
        if hasattr(pattern, "url_patterns"):
            yield from routes(pattern, here)
        else:
            yield here


def admin_pages(world: World, side: Side, notes: Notes) -> list[Page]:
    """Return every address of the admin with this side's keys in it."""
    pages = []
    for route in routes():
        if not route.startswith("admin/"):
            continue
        rest = route.removeprefix("admin/")
        listed = next((make() for begins, make in PATTERNS.items() if rest.startswith(begins)), None)
        if listed is not None:
            pages += [Page(f"/admin/{path}", route, None) for path in listed]
            continue
        match = re.match(r"(\w+)/(\w+)/", rest)
        model = apps.get_model(match[1], match[2]) if match and match[1] in apps.app_configs else None
        try:
            path = "".join(_fill_slot(world, model, side, part) for part in re.split(r"(<[^>]+>)", route))
        except KeyError as error:
            notes.check("pages.untried", False, route, f"nobody tried {error}: add it to salesbrain/isolation/pages.py")
            continue
        pages.append(Page("/" + path, route, model))
    return pages


def _fill_slot(world: World, model: type[Model] | None, side: Side, part: str) -> str:
    """Return a part of a route with its parameter filled in. Raises KeyError for an unknown parameter."""
    slot = SLOT.fullmatch(part)
    return str(SLOT_VALUES[slot[2]](world, model, side)) if slot else part


def check_routes(notes: Notes) -> None:
    """Check that every URL is an operation of the document, a page of the admin, a customer page, or listed in NOT_ADMIN."""
    described = set(document()["paths"])
    for route in routes():
        written = "/" + SLOT.sub(r"{\2}", route)
        held = written in described or route.startswith("admin/") or route in NOT_ADMIN or route in portal.routes()
        notes.check(
            "routes.covered",
            held,
            route,
            "nobody tries this address: document it, or name it in salesbrain/isolation/pages.py",
        )


def check_pages(world: World, notes: Notes) -> None:
    """Open every page as every actor, and try to write where it must be refused. Staff's lists must show both organizations."""
    pages = admin_pages(world, world.b, notes)
    outsiders = {
        "anonymous": HttpActor(),
        "customer_a": HttpActor(world.a.user, session=True),
    }
    for asker, caller in outsiders.items():
        for page in pages:
            for method in (
                ("GET", "POST") if asker == "customer_a" and not page.path.startswith(NEVER_POSTED) else ("GET",)
            ):
                answer = caller.ask(method, page.path, asked=(page.path,))
                _outside(world, notes, asker, page, method, answer)
    for role, user in world.staff.items():
        caller = HttpActor(user, session=True)
        for page in pages:
            _inside(world, notes, role, page, caller)


def _outside(world: World, notes: Notes, asker: str, page: Page, method: str, answer: Answer) -> None:
    where = f"{method} {page.path} as {asker}"
    shows = any(answer.shows(side) for side in world.sides)
    own_words = (
        asker == "customer_a" and not answer.shows(world.b) and answer.status == 200
    )  # a login page greets by name
    notes.check("pages.closed", not shows or own_words, where, f"the answer ({answer.status}) shows rows")
    notes.check("pages.closed", answer.status < 500, where, f"answered {answer.status}")
    opened = answer.status == 200 and page.name not in {"admin/login/", "admin/jsi18n/", "admin/logout/"}
    notes.check("pages.closed", not opened, where, "opened a page of staff's")
    notes.row(
        "pages",
        page=page.name,
        asker=asker,
        method=method,
        status=answer.status,
        shows="nothing" if not shows else "rows",
    )


def _inside(world: World, notes: Notes, role: str, page: Page, caller: HttpActor) -> None:
    name = page.name.removeprefix("admin/")
    if page.path.startswith("/admin/logout/"):
        return
    answer = caller.ask("GET", page.path)
    where = f"GET {page.path} as {role}"
    notes.check("pages.works", answer.status < 500, where, f"answered {answer.status}: {answer.body[:200]!r}")
    shown = "".join(side.name for side in world.sides if answer.shows(side))
    for side in world.sides:
        notes.check(
            "pages.secrets", not answer.reveals(side.secret), where, "the page holds a provider key or webhook secret"
        )
    for_admins = page.model is not None and page.model._meta.model_name in FOR_ADMINS
    statuses = {"GET": answer.status}
    if page.model is not None and re.search(r"/(add|delete|change|password)/$", name):
        verb = re.search(r"/(add|delete|change|password)/$", name)[1]  # type: ignore[index]
        refused = role == "sb_viewer" or (role == "sb_operator" and (verb == "delete" or for_admins))
        if refused:
            done = caller.ask("POST", page.path, data="post=yes", content_type="application/x-www-form-urlencoded")
            notes.check(
                "pages.refused",
                done.status in (403, 404),
                f"POST {page.path} as {role}",
                f"answered {done.status}, and must refuse",
            )
            statuses["POST"] = done.status
    elif page.model is not None and name.count("/") == 2 and role != "sb_admin":
        data = f"action=delete_selected&_selected_action={_row(world, page.model, world.b)}&post=yes"
        done = caller.ask("POST", page.path, data=data, content_type="application/x-www-form-urlencoded")
        statuses["POST"] = done.status  # whether rows went is seen afterwards (unchanged.rows)
    notes.row(
        "pages", page=page.name, asker=role, status=answer.status, posted=statuses.get("POST"), shows=shown or "nothing"
    )


def _example(route: str) -> str:
    for slot, value in EXAMPLES.items():
        route = route.replace(slot, value)
    return route


def check_others(world: World, notes: Notes) -> None:
    """Open the few URLs that need no login, with B's ids and words as parameters."""
    b = world.b
    for asker, caller in (("anonymous", HttpActor()), ("customer_a", HttpActor(world.a.user))):
        for route in NOT_ADMIN:
            path = "/" + ("api/nothing" if route.startswith("^") else _example(route))
            for method in ("GET", "POST"):
                said = (b.word, str(b.ids["campaign_id"]), *(NAMED[route](world) if route in NAMED else ()))
                answer = caller.ask(method, f"{path}?organization_id={b.organization}", asked=(*said, str(b.organization)),
                                    data=f'{{"event_type": "{b.word}", "campaign_id": "{b.ids["campaign_id"]}"}}',
                                    content_type="application/json")  # fmt: skip
                where = f"{method} {path} as {asker}"
                notes.check("others.foreign", not any(answer.shows(side) for side in world.sides), where, "shows rows")
                notes.check(
                    "others.broken", answer.status < 500 or route == "readyz", where, f"answered {answer.status}"
                )
                notes.row("others", page=path, asker=asker, method=method, status=answer.status, why=NOT_ADMIN[route])
