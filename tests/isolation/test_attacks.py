"""Attacks on the API by a customer of organization A who knows ids and texts of organization B.

No response may contain anything of B's or be undocumented, and no row may change. The proof covers plain ids on every operation
(test_proof.py); this file covers injection, forged headers and tokens, foreign cursors, and unusual spellings of URLs.
"""

import base64
import json
from urllib.parse import quote

import pytest

from salesbrain.isolation.http_client import HttpActor, as_in_production
from salesbrain.isolation.requests import OWN, Ids, bodies_of, document, operations, paths_of
from salesbrain.isolation.row_diff import changes, fingerprints

INJECTIONS = [
    "' OR '1'='1", "'; SELECT set_config('app.user_role', 'sb_admin', false); --", "') OR organization_id IS NOT NULL --",
    "\\'; RESET ROLE; --", "%' OR 1=1 --", "{B}' UNION SELECT secret FROM accounts_webhooksecret --", "$$ || (SELECT 1) || $$",
    "\u02bc OR 1=1",
    "{B}:*", "{B} | !{A}", "!{A}", "{A} & !({A})", "''{B}''", "<->", "{B} <-> :*", "((((", "a:b:c*&|!", "\\", "\"{B}\" OR {B}", "-{A}",
    "{{B}}", "${{jndi:x}}", "{{{{7*7}}}}", "../../{B}", "%00", "\ufeff{B}", "_%_%", "{B}\u202e", "*" * 199,
]  # fmt: skip
"""SQL, tsquery, LIKE and templates. {A} and {B} are the organizations' words."""


@pytest.fixture(autouse=True)
def served():
    with as_in_production():
        yield


@pytest.fixture(scope="module")
def caller(world) -> HttpActor:
    return HttpActor(world.a.user)


@pytest.fixture(scope="module")
def ids(world) -> Ids:
    return Ids(world.a, world.b)


@pytest.fixture
def nothing_changes(world):
    before = fingerprints()
    yield
    assert changes(before) == {}


def filled(text: str, world) -> str:
    return text.replace("{A}", world.a.word).replace("{B}", world.b.word)


def texts() -> list[tuple[str, str]]:
    """Return every text parameter of the document with its URL."""
    found = []
    for operation in operations(document()):
        for parameter in operation.placed("query"):
            schema = parameter["schema"]
            if schema.get("type") == "string" and not schema.get("enum") and not schema.get("format"):
                found.append((operation.path, parameter["name"]))
    return found


def understood(answer) -> bool:
    """Return whether a response treats the value as search text, refuses it, or (404) rejects it as a cursor."""
    return answer.status in (200, 400) or (answer.status == 404 and json.loads(answer.body)["code"] == "unknown_cursor")


def address(path: str, world) -> str:
    for name, value in world.a.ids.items():
        path = path.replace("{" + name + "}", str(value))
    return path.replace("{kind}", "messages")


def test_there_are_text_parameters_to_attack():
    names = {name for _, name in texts()}
    assert {"query", "category", "interest", "email_account", "organization", "connection", "cursor", "before"} <= names


def test_no_text_is_run_as_sql_or_as_a_search(world, caller, nothing_changes):
    for path, name in texts():
        if "/admin/" in path:
            continue
        for injection in INJECTIONS[:: 6 if name in ("cursor", "before") else 1]:
            said = filled(injection, world)
            answer = caller.ask("GET", f"{address(path, world)}?{name}={quote(said)}", asked=(said, world.b.word))
            assert understood(answer), (path, name, said, answer.status, answer.body[:200])
            assert not answer.shows(world.b), (path, name, said)
            assert b"ERROR" not in answer.body and b"syntax" not in answer.body, (path, name, said)


def test_staffs_text_parameters_withstand_the_same_attacks(world, nothing_changes):
    caller = HttpActor(world.staff["sb_viewer"])
    for path, name in texts():
        if "/admin/" in path:
            for injection in INJECTIONS[:: 6 if name in ("cursor", "connection") else 2]:
                answer = caller.ask("GET", f"{address(path, world)}?{name}={quote(filled(injection, world))}")
                assert understood(answer), (path, name, injection)
                assert not any(answer.reveals(side.secret) for side in world.sides)


@pytest.mark.parametrize(
    "query",
    [
        "organization_id={a}&organization_id={b}", "organization_id={b}&organization_id={a}", "organization_id[]={b}",
        "organization_id[0]={b}",
        "organization_id={a},{b}", "organization_id=%7Bb%7D", "organization_id={b}%00", "organization_id=%20{b}", "organization_id={B}",
        "organization_id=urn:uuid:{b}", "organization_id={plain}", "ORGANIZATION_ID={b}", "organization_id=", "organization_id=null",
        "organization_id={a};organization_id={b}", "organization_id={a}%26organization_id={b}",
        "organization_id=00000000-0000-4000-8000-00000000054b",
    ],
)  # fmt: skip
def test_the_organization_cannot_be_named_twice_or_sideways(world, caller, query):
    a, b = str(world.a.organization), str(world.b.organization)
    text = query.replace("{a}", a).replace("{b}", b).replace("{B}", b.upper()).replace("{plain}", b.replace("-", ""))
    for path in ("campaigns", "contacts", "stats", "search/messages", "export/messages"):
        rest = f"&query={world.a.word}" if path.startswith("search") else ""
        answer = caller.ask("GET", f"/api/instantly/{path}?{text}{rest}", asked=(b, b.upper(), b.replace("-", "")))
        assert answer.status in (400, 404), (path, text, answer.body[:200])
        assert not answer.shows(world.b)


@pytest.mark.parametrize(
    "name",
    [
        "organization__id", "organization__name__startswith", "organization__memberships__user__password__startswith",
        "connection__api_key__startswith",
        "id__in", "pk", "campaign__organization_id", "contact__email__contains", "ordering__desc", "user_role", "app.user_role", "role",
        "fields", "include", "expand", "format__x", "_row", "limit__gte", "page_size", "is_house", "q", "where", "debug",
    ],
)  # fmt: skip
def test_only_the_documented_parameters_are_known(world, caller, name):
    for path in (
        "campaigns",
        "contacts",
        "email-accounts",
        "events",
        f"campaign/{world.a.ids['campaign_id']}/messages",
        "stats",
        "export/contacts",
        "me",
    ):
        answer = caller.ask("GET", f"/api/instantly/{path}?{name}={world.b.word}", asked=(world.b.word,))
        assert answer.status == 400 and name in json.loads(answer.body)["errors"], (path, name)
        assert not answer.shows(world.b)


@pytest.mark.parametrize(
    "ordering",
    [
        "organization__name",
        "-connection__api_key",
        "?",
        "id; DROP",
        "password",
        "email,organization",
        "1",
        "created_at__date",
    ],
)
def test_lists_are_ordered_by_named_columns_only(caller, ordering):
    for path in ("campaigns", "contacts", "email-accounts"):
        assert caller.ask("GET", f"/api/instantly/{path}?ordering={quote(ordering)}").status == 400


def test_forged_headers_change_nothing(world, caller):
    b = str(world.b.organization)
    plain = caller.ask("GET", "/api/instantly/campaigns").comparable()
    forged = {
        "X-Organization": b, "X-Organization-Id": b, "X-Tenant": b, "X-User": world.b.user.email, "Remote-User": world.b.user.email,
        "X-Remote-User": world.b.user.email, "X-Forwarded-User": world.b.user.email, "X-Forwarded-For": "127.0.0.1",
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Proto": "https", "X-Forwarded-Prefix": "/admin", "X-Original-URL": "/api/instantly/admin/campaigns",
        "X-Rewrite-URL": "/admin/",
        "X-HTTP-Method-Override": "DELETE", "X-Method-Override": "DELETE", "Forwarded": "for=127.0.0.1;host=evil.example",
        "Accept": "text/html",
        "X-Role": "sb_admin", "Cookie": f"organization_id={b}; role=sb_admin", "Authorization-2": "Bearer x",
    }  # fmt: skip
    for name, value in forged.items():
        assert caller.ask("GET", "/api/instantly/campaigns", headers={name: value}).comparable() == plain, name
    assert caller.ask("GET", "/api/instantly/campaigns", headers=forged).comparable() == plain


def test_links_never_lead_to_a_forged_host(world, caller):
    answer = caller.ask(
        "GET",
        f"/api/instantly/campaign/{world.a.ids['campaign_id']}/messages?limit=1",
        headers={"X-Forwarded-Host": "evil.example"},
    )
    assert json.loads(answer.body)["next"] and b"evil.example" not in answer.body
    assert caller.ask("GET", "/api/instantly/campaigns", headers={"Host": "evil.example"}).status == 400


def test_malformed_tokens_are_all_refused_alike(world):
    token = HttpActor(world.b.user).headers["Authorization"].removeprefix("Bearer ")
    wrong = [
        "", "Bearer", "Bearer ", f"Bearer {token}x", f"Bearer {token[:-1]}", f"Bearer {token.upper()}",
        f"Bearer {token} {token}", f"Token {token}", f"Basic {token}",
        f"Bearer {token[:15]}", f"Bearer {token[:-8]}" + "0" * 8, "Bearer null", "Bearer ' OR 1=1", "Bearer " + "a" * 5000,
        "Bearer sb_" + "%" * 20,
        "Bearer é" * 3, "Basic " + base64.b64encode(f"{world.b.user.email}:x".encode()).decode(), f"Bearer,{token}",
        "Bearer eyJhbGciOiJub25lIn0.e30.",
    ]  # fmt: skip
    nobody = HttpActor()
    for header in wrong:
        answer = nobody.ask("GET", "/api/instantly/me", headers={"Authorization": header}, asked=())
        assert (answer.status, answer.headers["WWW-Authenticate"]) == (401, "Bearer"), header
        assert not answer.shows(world.b)


def test_a_token_counts_in_its_header_only(world):
    token = HttpActor(world.b.user).headers["Authorization"].removeprefix("Bearer ")
    for query in (f"token={token}", f"access_token={token}", f"api_key={token}"):
        assert HttpActor().ask("GET", f"/api/instantly/campaigns?{query}").status == 401
    assert (
        HttpActor()
        .ask("GET", "/api/instantly/campaigns", headers={"Cookie": f"token={token}; Authorization=Bearer {token}"})
        .status
        == 401
    )


def test_sessions_and_tokens_are_not_interchangeable(world):
    staff = HttpActor(world.staff["sb_admin"], session=True)
    assert staff.ask("GET", "/admin/").status == 200
    assert staff.ask("GET", "/api/instantly/admin/campaigns").status == 401
    assert HttpActor(world.staff["sb_admin"]).ask("GET", "/admin/").status == 302


@pytest.mark.parametrize(
    "path",
    [
        "//api/instantly/admin/campaigns", "/api//instantly/admin/campaigns", "/api/instantly//admin/campaigns",
        "/api/instantly/admin/campaigns/",
        "/api/instantly/ADMIN/campaigns", "/API/instantly/admin/campaigns", "/api/instantly/admin%2fcampaigns",
        "/api/instantly/admin/%63ampaigns",
        "/api/instantly/./admin/campaigns", "/api/instantly/x/../admin/campaigns", "/api/instantly/%2e%2e/instantly/admin/campaigns",
        "/api/instantly/me/../admin/campaigns", "/api/instantly/admin/campaigns;x=1", "/api/instantly/admin/campaigns.json",
        "/api/instantly/admin/campaigns%00",
        "/api/instantly/admin/campaigns%20", "/api/instantly/campaigns/../admin/campaigns", "/admin/../api/instantly/admin/campaigns",
        "/api/instantly/me%2f..%2fadmin%2fcampaigns", "/static/../api/instantly/admin/campaigns", "/admin//campaigns/campaign/",
        "/Admin/campaigns/campaign/",
        "/healthz/../admin/", "/admin/campaigns/campaign", "/api/../admin/campaigns/campaign/", "/webhooks/../admin/",
    ],
)  # fmt: skip
def test_no_spelling_of_a_url_bypasses_authorization(world, caller, path):
    for who in (caller, HttpActor(), HttpActor(world.a.user, session=True)):
        answer = who.ask("GET", path)
        assert answer.status in (301, 302, 400, 401, 403, 404), (path, answer.status)
        assert not answer.shows(world.b), path


def fitting_body(operation, ids, described) -> dict:
    """Return the proof's body with the caller's own ids, without the fields that exclude others."""
    body = next(bodies_of(operation, ids, described))
    return {name: value for name, value in body.items() if name not in ("email", "password")}


def test_a_write_takes_the_named_fields_only(world, caller, nothing_changes):
    """Every operation with a body refuses an additional field by its name, even if the rest is valid."""
    more = {
        "id": str(world.b.user.pk), "user": str(world.b.user.pk), "user_id": str(world.b.user.pk),
        "organization_id": str(world.b.organization),
        "organization": str(world.b.organization), "role": "sb_admin", "is_staff": True, "is_superuser": True, "expiry": None,
        "token_key": "sb_x",
        "connection": str(world.b.ids["provider_connection_id"]), "dry_run": False, "actor_name": "x", "__proto__": {"role": "sb_admin"},
    }  # fmt: skip
    described, tried = document(), 0
    ids = Ids(world.a, world.b)
    for operation in operations(described):
        if "requestBody" not in operation.definition:
            continue
        staff_only = "Staff" in operation.definition["tags"]
        who = HttpActor(world.staff["sb_operator"]) if staff_only else caller
        (path,) = paths_of(operation, ids, OWN)
        fits = fitting_body(operation, ids, described)
        verb = operation.method.upper()
        for name, value in more.items():
            if name in fits:
                continue
            answer = who.ask(verb, path, data=json.dumps({**fits, name: value}), content_type="application/json")
            assert answer.status == 400, (operation.name, name, answer.body[:200])
            assert name in json.loads(answer.body)["errors"], (operation.name, name, answer.body[:200])
            tried += 1
        twice = f'{{"name": "x", "name": "y", "user": "{world.b.user.pk}"}}'.encode()
        assert who.ask(verb, path, data=twice, content_type="application/json").status == 400, operation.name
        for kind in (
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=x",
            "text/plain",
            "application/xml",
        ):
            assert who.ask(verb, path, data="name=x&user=y", content_type=kind).status == 415, (operation.name, kind)
    assert tried > 50


def test_an_etag_reveals_nothing_of_another_organization(world, caller):
    other = HttpActor(world.b.user)
    for path in (
        "campaigns",
        "contacts",
        "email-accounts",
        "events",
        "stats",
        f"campaign/{world.b.ids['campaign_id']}",
        f"contacts/{world.b.ids['contact_id']}",
    ):
        theirs = other.ask("GET", f"/api/instantly/{path}").headers["ETag"]
        plain = caller.ask("GET", f"/api/instantly/{path}")
        for header in (theirs, f"W/{theirs}", f'"x", {theirs}', "*"):
            answer = caller.ask("GET", f"/api/instantly/{path}", headers={"If-None-Match": header})
            same = plain.headers.get("ETag") == theirs  # equal only where the whole answer is equal
            assert same or answer.comparable() == plain.comparable(), (path, header)
        assert plain.headers.get("ETag") != theirs or not plain.shows(world.b)


def test_anothers_cursor_shows_my_rows_only(world, caller):
    other = HttpActor(world.b.user)
    path = "/api/instantly/campaign/{}/messages?limit=1&cursor="
    link = json.loads(other.ask("GET", path.format(world.b.ids["campaign_id"])).body)["next"]
    assert link
    cursor = link.partition("cursor=")[2].partition("&")[0]
    answer = caller.ask("GET", path.format(world.a.ids["campaign_id"]) + cursor, asked=(cursor,))
    assert answer.status in (200, 400) and not answer.shows(world.b)


def test_a_key_of_another_users_write_is_not_shared(world):
    """Idempotency keys belong to one user: another user's same key does not return the first one's response."""
    body = json.dumps({"provider_connection_id": str(world.b.ids["provider_connection_id"])})
    key = {"Idempotency-Key": world.b.word}
    first = HttpActor(world.staff["sb_admin"]).ask(
        "POST", "/api/instantly/sync/workspace", headers=key, data=body, content_type="application/json"
    )
    assert first.status == 409
    second = HttpActor(world.a.user).ask(
        "POST", "/api/instantly/sync/workspace", headers=key, data=body, content_type="application/json"
    )
    assert second.status == 403 and "Idempotency-Replayed" not in second.headers


def test_counts_and_facets_are_my_own(world, caller):
    for path, least in (("campaigns", 1), ("contacts", 2), ("email-accounts", 1)):
        body = json.loads(caller.ask("GET", f"/api/instantly/{path}").body)
        assert body["count"] == least, path
    assert json.loads(caller.ask("GET", "/api/instantly/stats").body)["data"]["sent"] == 1
    assert (
        json.loads(caller.ask("GET", f"/api/instantly/search/messages?query={world.b.word}", asked=()).body)["count"]
        == 0
    )


def test_no_response_contains_names_of_database_objects(world, caller):
    """Errors must not reveal names of constraints, tables or roles, nor SQL or Python."""
    for path in (
        "campaigns?limit=99999999999999999999",
        "events?since=-1",
        "contacts?cursor=AAAA",
        "campaign/%00",
        "export/nothing",
        "contacts?since=99999-01-01T00:00:00Z",
    ):
        text = caller.ask("GET", f"/api/instantly/{path}").body.decode().lower()
        for word in (
            "messaging_",
            "accounts_",
            "campaigns_",
            "psycopg",
            "traceback",
            "select ",
            "sb_app",
            "sb_staff",
            "django",
            "constraint",
        ):
            assert word not in text, (path, word)
