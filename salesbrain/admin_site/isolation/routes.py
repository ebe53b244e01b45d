"""Every operation of the OpenAPI document and every address of the admin, as everybody, with the ids of both organizations."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from django.contrib import admin
from django.http import HttpResponse
from django.urls import NoReverseMatch, reverse
from drf_spectacular.generators import SchemaGenerator

from accounts.permissions import FOR_ADMINS
from salesbrain.admin_site.isolation import callers
from salesbrain.admin_site.isolation.world import Side, World

IDS = {
    "campaign_id": "campaigns.Campaign",
    "account_id": "accounts.EmailAccount",
    "contact_id": "messaging.Contact",
    "organization_id": "accounts.Organization",
    "organization": "accounts.Organization",
    "connection": "accounts.ProviderConnection",
}
"""What a parameter of the API names. One that is not here and is part of a path fails the proof: say what it names."""

UUID_TEXT = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z?")

WORDS = {"token_id": "sb_nobodys_token", "query": None}
"""Parameters that name no row of the two organizations; None: the other organization's marker."""

METHODS = ("get", "post", "put", "patch", "delete")
PAGES_OF_A_MODEL = ("changelist", "add", "change", "delete", "history")
PAGES = {
    "index", "password_change", "password_change_done", "autocomplete", "jsi18n", "second_factor", "isolation",
    "auth_user_password_change",
}  # fmt: skip
OPEN = {"login", "logout", "view_on_site", "app_list"}
"""The door itself; logout answers anybody and shows nothing; the other two are walked as pages of models."""


@dataclass(frozen=True, slots=True)
class Call:
    """One request and whether its answer is as it must be; `why` says what is wrong."""

    route: str
    who: str
    what: str
    status: int
    why: str = ""


# --- the API --------------------------------------------------------------------------------------------------------


def walk_api(world: World) -> Iterator[Call]:
    users = callers.users(world)
    for path, method, operation in operations():
        unknown = [
            name for name in _in(operation, "path") if not (name in IDS or name in WORDS or _enum(operation, name))
        ]
        if unknown:
            yield Call(
                f"{method.upper()} {path}",
                "everybody",
                "",
                0,
                f"nobody said what {', '.join(unknown)} names: isolation/routes.py",
            )
            continue
        for who in callers.CALLERS:
            if method != "get" and who in ("operator", "admin"):
                continue  # they may: it would really be done
            yield from _as_one(path, method, operation, who, users[who], world)


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield (path, method, operation) of the document; a path with a choice in it once for every choice."""
    document = SchemaGenerator().get_schema(request=None, public=True)
    for path, methods in sorted(document["paths"].items()):
        for method in METHODS:
            if method in methods:
                operation = methods[method]
                choices = {name: _enum(operation, name) for name in _in(operation, "path") if _enum(operation, name)}
                for chosen in product(*choices.values()):
                    filled = path
                    for name, value in zip(choices, chosen, strict=True):
                        filled = filled.replace(f"{{{name}}}", str(value))
                    yield filled, method, operation


def _as_one(path: str, method: str, operation: dict[str, Any], who: str, user: Any, world: World) -> Iterator[Call]:
    own, other = (world.b, world.a) if who == "customer B" else (world.a, world.b)
    route = f"{method.upper()} {path}"

    def ask(side: Side | None, words: str, query: dict[str, Any]) -> tuple[Call, HttpResponse]:
        url = _url(path, operation, side, other, query)
        answer = callers.ask_api(user, method, url)
        return Call(route, who, words, answer.status_code, _wrong(answer, who, own, other, url, world)), answer

    named = {name: IDS[name] for name in _in(operation, "query") if name in IDS}
    yield ask(own, "own ids", {})[0]
    foreign, answer = ask(other, "other's ids", {})
    yield foreign
    if who.startswith("customer"):
        nobodys, unknown = ask(None, "unknown ids", {})
        yield nobodys
        if _in(operation, "path"):
            yield _same(foreign, answer, unknown, other)
        for name, label in named.items():
            foreign, answer = ask(own, f"{name} of the other", {name: other.pk(label)})
            nobodys, unknown = ask(own, f"{name} unknown", {name: uuid4()})
            yield from (foreign, nobodys, _same(foreign, answer, unknown, other))


def _same(call: Call, foreign: HttpResponse, unknown: HttpResponse, other: Side) -> Call:
    """Hold the answer to a foreign id against the answer to an id nobody has: they must be alike, byte for byte, but for the
    id itself and the moment an export was made."""

    def neutral(answer: HttpResponse) -> tuple[int, str]:
        return answer.status_code, MOMENT.sub("<moment>", UUID_TEXT.sub("<id>", answer.proved_text))  # type: ignore[attr-defined]

    alike = neutral(foreign) == neutral(unknown)
    return Call(
        call.route,
        call.who,
        f"{call.what} = unknown",
        call.status,
        "" if alike else "a foreign id is answered unlike an unknown one",
    )


def _url(path: str, operation: dict[str, Any], side: Side | None, other: Side, query: dict[str, Any]) -> str:
    def fill(match: re.Match[str]) -> str:
        name = match[1]
        if name in IDS:
            return str(side.pk(IDS[name])) if side else str(uuid4())
        return str(WORDS[name])

    if "query" in _in(operation, "query"):
        query = {"query": other.marker, **query}
    filled = re.sub(r"\{(\w+)\}", fill, path)
    return f"{filled}?{urlencode(query)}" if query else filled


def _in(operation: dict[str, Any], place: str) -> list[str]:
    return [parameter["name"] for parameter in operation.get("parameters", []) if parameter["in"] == place]


def _enum(operation: dict[str, Any], name: str) -> list[Any]:
    return next((p.get("schema", {}).get("enum", []) for p in operation.get("parameters", []) if p["name"] == name), [])


def _wrong(answer: HttpResponse, who: str, own: Side, other: Side, url: str, world: World) -> str:
    """Return what is wrong with an answer, nothing where it is as it must be."""
    text = answer.proved_text + str(dict(answer.headers))  # type: ignore[attr-defined]
    if answer.status_code >= 500:
        return "it failed"
    if who in world.staff:
        return ""
    hidden = other.tells if who.startswith("customer") else [*own.tells, *other.tells]
    found = [tell for tell in hidden if tell in text and tell not in url]
    if found:
        return f"it shows {found[0]}, which is not {who}'s"
    if who == "anonymous" and answer.status_code < 400:
        return "it answers nobody in particular"
    return ""


# --- the admin ------------------------------------------------------------------------------------------------------


def walk_admin(world: World) -> Iterator[Call]:
    users = callers.users(world)
    urls, missing = admin_urls(world)
    for name in missing:
        yield Call(f"admin:{name}", "everybody", "", 0, "this address has no row in the proof: isolation/routes.py")
    for who in callers.CALLERS:
        if who in ("admin", "customer B"):
            continue  # may everything; is to the admin what customer A is
        client = callers.browser(users[who])
        for url, page, model in urls:
            answer = callers.ask_admin(client, "get", url)
            yield Call(url_name(page, model), who, "GET", answer.status_code, _wrong_page(answer, who, page, world))
            if page in ("add", "change", "delete") and _may_not(who, page, model):
                answer = callers.ask_admin(client, "post", url)
                why = (
                    ""
                    if answer.status_code in (302, 403) and _refused(answer, who)
                    else "a form was taken that must be refused"
                )
                yield Call(url_name(page, model), who, "POST", answer.status_code, why)


def admin_urls(world: World) -> tuple[list[tuple[str, str, Any]], list[str]]:
    """Return (address, page, model) of everything in the admin with A's rows, and the names nobody said anything about."""
    urls: list[tuple[str, str, Any]] = []
    known = set(PAGES) | OPEN
    for model in admin.site._registry:
        info = f"{model._meta.app_label}_{model._meta.model_name}"
        row = world.a.rows.get(model._meta.label)
        key = row.pk if row is not None else world.a.customer.pk
        for page in PAGES_OF_A_MODEL:
            known.add(f"{info}_{page}")
            urls.append(
                (
                    reverse(f"admin:{info}_{page}", args=[key] if page in ("change", "delete", "history") else []),
                    page,
                    model,
                )
            )
    body = reverse("admin:messaging_message_body", args=[world.a.pk("messaging.Message"), "text"])
    urls.append((body, "body", None))
    known.add("messaging_message_body")
    for page in PAGES:
        try:
            urls.append((reverse(f"admin:{page}"), page, None))
        except NoReverseMatch:
            continue
    return urls, sorted({name for name in _names(admin.site.get_urls()) if name not in known})


def _names(patterns: Any) -> Iterator[str]:
    for pattern in patterns:
        if hasattr(pattern, "url_patterns"):
            yield from _names(pattern.url_patterns)
        elif pattern.name:
            yield pattern.name


def url_name(page: str, model: Any) -> str:
    return f"admin {model._meta.label_lower if model else ''} {page}".replace("  ", " ")


def _may_not(who: str, page: str, model: Any) -> bool:
    """Must a form of this page be refused? Operators may work, but not on what is admins' (accounts.permissions)."""
    return who != "operator" or page == "delete" or model._meta.model_name in FOR_ADMINS


def _refused(answer: HttpResponse, who: str) -> bool:
    return answer.status_code == 403 or (
        who in ("anonymous", "customer A", "customer B") and "/login" in answer.get("Location", "")
    )


def _wrong_page(answer: HttpResponse, who: str, page: str, world: World) -> str:
    if answer.status_code >= 500:
        return "it failed"
    if who in world.staff:
        return (
            ""
            if page != "delete" or answer.status_code == 403
            else "somebody who deletes nothing is shown the form to delete"
        )
    text = answer.proved_text  # type: ignore[attr-defined]
    if any(tell in text for side in (world.a, world.b) for tell in side.tells):
        return f"it shows {who} rows"
    return "" if _refused(answer, who) or page == "jsi18n" else "it answers somebody who is no staff"
