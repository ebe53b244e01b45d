"""Isolation checks of every customer page, opened as each user with the other organization's ids.

The pages are found by their routes (`PageView`), so a new one is tried without being named here.
"""

import re
from typing import Any
from uuid import UUID

from django.contrib.sessions.backends.db import SessionStore
from django.urls import get_resolver
from django.views import View
from knox.models import AuthToken

from salesbrain.isolation.findings import Notes
from salesbrain.isolation.fixtures import Side, World
from salesbrain.isolation.http_client import Answer, HttpActor
from salesbrain.web import organizations
from salesbrain.web.views import Page, PageView

CHANGE_THE_ASKER = (
    "settings",
    "settings/password",
    "settings/second-factor",
    "login",
    "login/code",
    "login/demo",
    "logout",
)
"""Pages that get no POST, because it would change the requesting user or end the session; they take no id."""

SLOT = re.compile(r"<[^>]+>")
KEY = re.compile(r"<uuid:(\w+)>")
"""Name in `Side.ids` by the name of a parameter in routes."""

FORM = "application/x-www-form-urlencoded"


def views(resolver: Any = None, prefix: str = "") -> dict[str, type[Page]]:
    """Return the page class of every route that has one."""
    found: dict[str, type[Page]] = {}
    for pattern in (resolver or get_resolver()).url_patterns:
        here = prefix + str(pattern.pattern)
        if hasattr(pattern, "url_patterns"):
            found |= views(pattern, here)
        else:
            view: Any = getattr(pattern.callback, "view_class", object)
            if issubclass(view, Page):
                found[here] = view
    return found


def routes() -> set[str]:
    return set(views())


def check_portal(world: World, notes: Notes) -> None:
    """Open every page without login, as each organization's customer (with the other's keys) and as staff of every role."""
    a, b = world.a, world.b
    tokens = {side.name: _fresh_token(side) for side in (a, b)}
    for route, view in views().items():
        if "<" in route and not issubclass(view, PageView):
            _links(notes, world, route)
            continue
        if not issubclass(view, PageView) and route != "switch":
            continue
        path = _path(route, a)  # the way back after the login repeats it
        _strangers(notes, world, route, HttpActor().ask("GET", path, asked=(path,)))
        for own, other in ((a, b), (b, a)):
            _customer(notes, route, view, own, other, tokens[other.name])
        for role, user in world.staff.items():
            answer = HttpActor(user, session=True).ask("GET", path)
            notes.check(
                "portal.works", answer.status in (200, 405), f"GET {path} as {role}", f"answered {answer.status}"
            )
            _row(notes, route, role, answer, "".join(side.name for side in world.sides if answer.shows(side)))


def _path(route: str, side: Side) -> str:
    """Return the URL of a page, with an organization's keys as parameters."""
    keys = {**side.ids, "message_id": side.ids["message"]}
    return "/" + KEY.sub(lambda slot: str(keys[slot[1]]), route)


def _links(notes: Notes, world: World, route: str) -> None:
    """Open a page behind a link, with a token that begins with the key of B's invitation and an invented secret."""
    key = world.b.rows["accounts_invitation"][0]
    path = "/" + SLOT.sub(UUID(str(key)).hex + "A" * 43, route)
    for asker, caller in (("anonymous", HttpActor()), ("customer_a", HttpActor(world.a.user, session=True))):
        for method in ("GET", "POST"):
            answer = caller.ask(method, path, asked=(str(key),), content_type=FORM, data="password=a-long-and-new-one")
            where = f"{method} /{route} as {asker} with a made-up secret"
            notes.check("portal.closed", not answer.shows(world.b), where, "shows rows")
            notes.check(
                "portal.refused", answer.status in (302, 410), where, f"answered {answer.status}, and must refuse"
            )


def _strangers(notes: Notes, world: World, route: str, answer: Answer) -> None:
    where = f"GET /{route} as anonymous"
    notes.check("portal.closed", not any(answer.shows(side) for side in world.sides), where, "shows rows")
    notes.check("portal.closed", answer.status in (302, 405), where, f"answered {answer.status}")
    _row(notes, route, "anonymous", answer, "")


def _supports_method(view: type[View], method: str) -> bool:
    """Return whether a page supports this method; others are answered 405 before anything is read."""
    return method.lower() in view.http_method_names and hasattr(view, method.lower())


def _customer(notes: Notes, route: str, view: type[View], own: Side, other: Side, token: str) -> None:
    """Open a page as a customer: with a session for her organization, and with one for the other."""
    asker, path = f"customer_{own.name.lower()}", _path(route, own)
    if (foreign := _path(route, other)) != path:
        for method in ("GET", "POST"):
            form: dict[str, Any] = (
                {"content_type": FORM, "data": f"organization={own.organization}"} if method == "POST" else {}
            )
            refused = HttpActor(own.user, session=True).ask(method, foreign, asked=(foreign,), **form)
            where = f"{method} {foreign} as {asker}"
            notes.check("portal.foreign", not refused.shows(other), where, "shows rows of the other organization")
            expected = 404 if _supports_method(view, method) else 405
            why = f"answered {refused.status}, and must be {expected}"
            notes.check("portal.refused", refused.status == expected, where, why)
    for named in (own, other):
        actor = HttpActor(own.user, session=True)
        session: SessionStore = actor.client.session  # type: ignore[assignment]
        session[organizations.SESSION_KEY] = str(named.organization)
        session.save()
        answer = actor.ask("GET", path, asked=(str(named.organization),) if named is other else ())
        where = f"GET {path} as {asker} whose session names {named.name}"
        notes.check("portal.foreign", not answer.shows(other), where, "shows rows of the other organization")
        notes.check("portal.works", answer.status in (200, 405), where, f"answered {answer.status}")
        if named is own:
            _row(notes, route, asker, answer, own.name if answer.shows(own) else "")
        if route in CHANGE_THE_ASKER:
            continue
        said = (str(other.organization), token)
        done = actor.ask(
            "POST", path, asked=said, content_type=FORM, data=f"organization={said[0]}&token={said[1]}&id={said[0]}"
        )
        where = f"POST {path} as {asker} with {other.name}'s keys"
        notes.check("portal.foreign", not done.shows(other), where, "shows rows of the other organization")
        notes.check(
            "portal.refused",
            done.status in (200, 400, 403, 404, 405, 409),
            where,
            f"answered {done.status}, and must refuse",
        )


def _fresh_token(side: Side) -> str:
    """Replace the tokens of the organization's customer by a new one and return its first characters: names of earlier tokens contain the
    marker word.
    """
    tokens: Any = AuthToken._default_manager
    tokens.filter(user=side.user).delete()
    key = str(tokens.create(side.user)[0].token_key)
    side.tokens.add(key)
    return key


def _row(notes: Notes, route: str, asker: str, answer: Answer, shows: str) -> None:
    notes.row("pages", page=f"/{route}", asker=asker, method="GET", status=answer.status, shows=shows or "nothing")
