"""Secrecy of the API key: in the Authorization header only, under every fault, also in DEBUG logs."""

import base64
import copy
import io
import json
import logging
import pickle
import secrets
import traceback
import uuid

import pytest

from instantly.client import OPERATIONS, InstantlyClient, api_key, errors, transport

WORKSPACE = {"id": "w-1", "name": "Acme"}
JSON = b"Content-Type: application/json\r\n"


@pytest.fixture
def canary() -> str:
    """Return a key in the real format, base64 of <uuid>:<secret>, with all characters that get escaped."""
    key = base64.b64encode(f"{uuid.uuid4()}:ab>>>???{secrets.token_urlsafe(24)}".encode()).decode()
    assert "+" in key and "/" in key and key.endswith("=")
    return key


@pytest.fixture
def logs():
    """Capture everything that any logger writes at DEBUG, with tracebacks."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield stream
    root.removeHandler(handler)
    root.setLevel(before)


def variables(error: BaseException) -> str:
    """Return the variables of every frame of the traceback, as error pages show them, without the test's own frames."""
    stack = traceback.TracebackException.from_exception(error, capture_locals=True).stack
    frames = [frame for frame in stack if frame.filename != __file__]
    assert frames
    return repr([frame.locals for frame in frames])


def everything_about(error: BaseException) -> str:
    """Return everything reachable from an error: texts, attributes, chain, and the frames' variables."""
    told: list[str] = []
    waiting: list[BaseException | None] = [error]
    met: set[int] = set()
    while waiting:
        link = waiting.pop()
        if link is None or id(link) in met:
            continue
        met.add(id(link))
        told += [str(link), repr(link), repr(vars(link)), repr(link.args)]
        told += [*traceback.format_exception(link), variables(link)]
        for name in ("request", "response"):
            carried = getattr(link, name, None)
            told.append(repr(getattr(carried, "headers", None)))
        waiting += [link.__cause__, link.__context__]
    return "\n".join(told)


def forms(key: str) -> list[str]:
    inside = base64.b64decode(key).decode()
    return [key, key.rstrip("="), inside, inside.partition(":")[2]]


FAULTS = {
    "400 echo": lambda a, k: a.json({"message": f"your key {k} is odd"}, 400),
    "401 echo": lambda a, k: a.json({"message": f"Invalid token: Bearer {k}"}, 401),
    "401 escaped echo": lambda a, k: a.whole(401, json.dumps({"message": k}).replace("/", "\\/").encode()),
    "401 unicode echo": lambda a, k: a.whole(401, json.dumps({"message": k}).replace("+", "\\u002b").encode()),
    "401 echo without padding": lambda a, k: a.json({"message": k.rstrip("=")}, 401),
    "401 decoded echo": lambda a, k: a.json({"message": base64.b64decode(k).decode()}, 401),
    "401 nested echo": lambda a, k: a.json({"message": {"token": [k]}}, 401),
    "401 echo at the cut": lambda a, k: a.json({"message": "x" * 185 + k}, 401),
    "402": lambda a, k: a.json({}, 402),
    "403 echo": lambda a, k: a.whole(403, f"<html>{k}</html>".encode(), kind="text/html"),
    "404": lambda a, k: a.json({}, 404),
    "409": lambda a, k: a.json({}, 409),
    "413": lambda a, k: a.json({}, 413),
    "422 echo": lambda a, k: a.json({"error": k}, 422),
    "429": lambda a, k: a.json({"message": k}, 429),
    "500": lambda a, k: a.json({"message": k}, 500),
    "redirect with key": lambda a, k: a.whole(302, b"", Location=f"http://{k.rstrip('=').lower()}.example/?token={k}"),
    "reset": lambda a, k: a.reset(),
    "garbage": lambda a, k: a.raw(k.encode() + b"\r\n\r\n"),
    "bad status line": lambda a, k: a.raw(b"HTTP/1.1 " + k.encode() + b" X\r\n\r\n"),
    "bad header": lambda a, k: a.raw(b"HTTP/1.1 200 OK\r\n" + k.encode() + b"\r\n\r\n"),
    "bad first header": lambda a, k: a.raw(b"HTTP/1.1 200 OK\r\n " + k.encode() + b"\r\n\r\n"),
    "half a body": lambda a, k: a.raw(b"HTTP/1.1 200 OK\r\n" + JSON + b"Content-Length: 999\r\n\r\n" + k.encode()),
    "bad chunk": lambda a, k: a.raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + k.encode() + b"\r\n"),
    "bad gzip": lambda a, k: a.whole(200, k.encode(), Content_Encoding="gzip"),
    "html": lambda a, k: a.whole(200, k.encode(), kind="text/html"),
    "content type echo": lambda a, k: a.whole(200, b"{}", kind=k),
    "not json": lambda a, k: a.whole(200, b"{" + k.encode()),
    "constant": lambda a, k: a.whole(200, b'{"' + k.encode() + b'": NaN}'),
    "too large": lambda a, k: a.whole(200, b'"' + k.encode() * 200 + b'"'),
    "too large, announced": lambda a, k: a.raw(b"HTTP/1.1 200 OK\r\nContent-Length: 9999999\r\n\r\n"),
    "another shape": lambda a, k: a.json({"id": {k: k}, "name": [k]}),
    "silence": lambda a, k: a.silence(),
    "drip": lambda a, k: a.endless(b"HTTP/1.1 200 OK\r\n" + JSON + b"Content-Length: 99999\r\n\r\n", k.encode(), 0.02),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_the_key_is_in_no_log_and_no_error(new_client, server, answers, canary, logs, fault, monkeypatch):
    monkeypatch.setattr(transport, "PATIENCE_SECONDS", 0.1)
    server.always = FAULTS[fault](answers, canary)
    client = new_client(canary, max_body=4096, deadline=0.5)

    for call in (client.current_workspace, lambda: client.pause_campaign("c-1"), lambda: list(client.campaigns())):
        with pytest.raises(errors.InstantlyError) as caught:
            call()
        logging.getLogger("a.careless.caller").error("failed", exc_info=caught.value)
        told = everything_about(caught.value) + logs.getvalue()
        for form in forms(canary):
            assert form not in told
        assert caught.value.__cause__ is None and caught.value.__context__ is None

    assert server.received[0].headers["authorization"] == f"Bearer {canary}"
    assert "instantly" not in logs.getvalue() or canary not in logs.getvalue()
    assert "GET /api/v2/workspaces/current" in logs.getvalue()


def test_the_key_is_in_no_error_when_there_is_no_connection_at_all(new_client, canary, logs):
    client = new_client(canary, base_url="http://127.0.0.1:1")

    with pytest.raises(errors.NetworkError) as caught:
        client.current_workspace()

    assert canary not in everything_about(caught.value) + logs.getvalue()


def test_the_key_is_in_no_log_when_all_is_well(new_client, server, answers, canary, logs):
    server.always = answers.json(WORKSPACE)

    new_client(canary).current_workspace()

    assert canary not in logs.getvalue()
    assert "200" in logs.getvalue()


def test_an_answer_that_echoes_the_key_is_read_without_it(new_client, server, answers, canary):
    body = json.dumps({"items": [{"id": "t-1", "label": f"<{canary}>", "description": f"Bearer {canary}"}]})
    escaped = [body, body.replace("/", "\\/"), body.replace("+", "\\u002b"), body.replace("+", "\\u002B")]
    server.will(*(answers.whole(200, form.encode()) for form in escaped))
    client = new_client(canary)

    for _ in escaped:
        (found,) = client.custom_tags()
        assert canary.rstrip("=") not in repr(found.raw) + found.model_dump_json()
        assert "[api key]" in found.label


def test_neither_client_nor_its_parts_show_or_give_away_the_key(new_client, canary):
    client = new_client(canary, workspace="00000000-0000-4000-8000-000000000001")
    key = client._transport._key

    shown = f"{client!r} {client} {vars(client)} {vars(client._transport)} {key!r} {key} {[key]}"

    assert canary not in shown
    for thief in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError):
            thief(key)
        if thief is not copy.copy:
            with pytest.raises(TypeError):
                thief(client)


@pytest.mark.parametrize(
    "change", [lambda k: k + "\nX: y", lambda k: k[:5] + " " + k[5:], lambda k: k + "é", lambda k: "\x7f" + k]
)
def test_a_key_that_cannot_be_one_is_refused_without_being_shown(canary, change):
    with pytest.raises(ValueError, match="API key contains") as caught:
        InstantlyClient(change(canary))

    assert canary[6:] not in str(caught.value) + variables(caught.value)


@pytest.mark.parametrize("empty", ["", "  ", "\n"])
def test_an_empty_key_is_refused(empty):
    with pytest.raises(ValueError, match="API key is empty"):
        InstantlyClient(empty)


def test_space_around_a_pasted_key_does_not_matter(new_client, server, answers, canary):
    server.always = answers.json(WORKSPACE)

    new_client(f"  {canary}\n").current_workspace()

    assert server.received[0].headers["authorization"] == f"Bearer {canary}"


def test_a_netrc_entry_does_not_replace_the_key(new_client, server, answers, canary, tmp_path, monkeypatch):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password something\n")
    monkeypatch.setenv("NETRC", str(netrc))
    server.always = answers.json(WORKSPACE)

    new_client(canary).current_workspace()

    assert server.received[0].headers["authorization"] == f"Bearer {canary}"


def test_the_secrets_of_other_keys_are_dropped(client, server, answers):
    other = secrets.token_urlsafe(24)
    server.always = answers.json({"items": [{"id": "k-1", "name": "n", "scopes": ["all:all"], "key": other}]})

    (found,) = client.api_keys()

    assert (found.name, found.scopes) == ("n", ["all:all"])
    assert other not in repr(found.raw) + found.model_dump_json() + repr(found.model_extra)


def test_the_secret_headers_of_a_webhook_can_be_compared_but_not_stored(client, server, answers):
    password = secrets.token_urlsafe(24)
    hook = {"id": "h-1", "target_hook_url": "https://us.example/hook", "headers": {"X-Secret": password}, "new": 1}
    server.always = answers.json(hook)

    found = client.webhook("h-1")

    assert found.headers == {"X-Secret": password}
    assert found.raw == {**hook, "headers": {"X-Secret": "[hidden]"}}
    assert password not in repr(found)


def test_passwords_in_an_email_account_are_dropped_and_hosts_kept(client, server, answers):
    password = secrets.token_urlsafe(24)
    server.always = answers.json(
        {
            "email": "a@x.example",
            "smtp_password": password,
            "imap_host": "imap.x.example",
            "conn": {"Access_Token": password},
        }
    )

    found = client.email_account("a@x.example")

    assert found.raw == {"email": "a@x.example", "imap_host": "imap.x.example", "conn": {}}
    assert password not in found.model_dump_json()


def test_a_short_placeholder_key_does_not_damage_answers(new_client, server, answers):
    server.always = answers.json({"id": "w-1", "name": "A test workspace"})

    assert new_client("test").current_workspace().name == "A test workspace"


def test_foreign_text_is_cut_after_the_key_is_hidden():
    key = api_key.Key(secrets.token_urlsafe(40))

    cut = key.clean("x" * 180 + key._header, limit=200)

    assert key._header[7:12] not in cut
    assert len(cut) <= 200


def test_every_operation_is_named_by_its_template_not_by_ids_or_addresses():
    assert all("{" in str(one) or "@" not in str(one) for one in OPERATIONS.values())
