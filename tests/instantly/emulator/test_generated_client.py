"""Compatibility of the emulator with a client generated from Instantly's OpenAPI document.

The unmodified client calls every supported operation over HTTP and must parse every response with its own models. Where the
generator cannot model a response (it warns while generating), only the status is checked.
"""

import enum
import importlib
import inspect
import json
import re
import subprocess
import sys
import typing
from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path
from types import ModuleType, UnionType
from typing import Any
from uuid import UUID

import pytest

from instantly.emulator import FakeInstantly, in_process_transport
from instantly.emulator.entry_points.server import EmulatorServer

from .openapi_document import PATH, needs_document
from .request_examples import EXAMPLES, PopulatedWorkspace

pytestmark = needs_document
PACKAGE = "instantly_as_generated"
UNREADABLE = re.compile(r"WARNING parsing (\w+) (\S+) within [^\n]*\n\nCannot parse response")


NOT_PYTHON = {"DELETE /leads"}
"""Operations for which the generator writes code that does not compile."""

CANNOT_READ = {
    "POST /campaigns/{id}/share": (ValueError, "Expecting value"),  # expects JSON in a 204
    "POST /leads/list": (
        ValueError,
        "is not a valid LeadLtInterestStatus",
    ),  # the prose allows custom labels, the enumeration does not
}
"""Operations whose document contradicts itself; the client fails in the same way at the live service."""


class Generated:
    """The generated package, and its modules by operation (found by the URL they contain, not by name)."""

    def __init__(self, folder: Path) -> None:
        done = subprocess.run(
            [sys.executable, "-m", "openapi_python_client", "generate", "--path", str(PATH), "--meta", "none",
             "--config", str(_config(folder)), "--output-path", str(folder / PACKAGE)],
            capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        self.without_answer = {f"{method} {path}" for method, path in UNREADABLE.findall(done.stdout + done.stderr)}
        self.client: ModuleType = importlib.import_module(f"{PACKAGE}.client")
        self.calls: dict[str, ModuleType] = {}
        self.broken: set[str] = set()
        for file in sorted((folder / PACKAGE / "api").glob("*/[!_]*.py")):
            source = file.read_text(encoding="utf-8")
            method = re.search(r'"method": "(\w+)"', source)
            url = re.search(r'"url": "([^"]+)"', source)
            assert method and url, file
            name = f"{method[1].upper()} {url[1].removeprefix('/api/v2').rstrip('/')}"
            try:
                self.calls[name] = importlib.import_module(f"{PACKAGE}.api.{file.parent.name}.{file.stem}")
            except SyntaxError:
                self.broken.add(name)


def _config(folder: Path) -> Path:
    """Return the generator's configuration, without its formatting step."""
    file = folder / "config.json"
    file.write_text(json.dumps({"post_hooks": []}))
    return file


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Generated]:
    folder = tmp_path_factory.mktemp("generated")
    sys.path.insert(0, str(folder))
    yield Generated(folder)
    sys.path.remove(str(folder))
    for name in [name for name in sys.modules if name.split(".")[0] == PACKAGE]:
        del sys.modules[name]


@pytest.fixture(scope="module")
def populated() -> PopulatedWorkspace:
    fake = FakeInstantly(seed=3, transport=in_process_transport(lambda url, body, headers: 200))
    return PopulatedWorkspace(fake, fake.add_workspace("acme"))


@pytest.fixture(scope="module")
def url(populated: PopulatedWorkspace) -> Iterator[str]:
    server = EmulatorServer(populated.fake)
    server.start()
    yield server.url
    server.stop()


def fit(kind: Any, value: Any) -> Any:
    """Return a JSON value as the type the generated code asks for."""
    if isinstance(kind, UnionType) or typing.get_origin(kind) is typing.Union:
        for member in typing.get_args(kind):
            try:
                return fit(member, value)
            except (ValueError, TypeError, KeyError, AttributeError):
                continue
        raise ValueError(f"{value!r} is none of {kind}")
    if typing.get_origin(kind) is list:
        if not isinstance(value, list):
            raise ValueError(f"{value!r} is no list")
        return [fit(typing.get_args(kind)[0], one) for one in value]
    if isinstance(kind, type) and kind in READERS:
        return READERS[kind](value)
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return kind(value)
    if hasattr(kind, "from_dict"):
        return kind.from_dict(value)
    if isinstance(kind, type) and (isinstance(value, kind) or (kind is float and isinstance(value, int))):
        return value
    raise ValueError(f"{value!r} is no {kind}")


READERS: dict[type, Callable[[Any], Any]] = {
    UUID: lambda value: UUID(value),
    datetime: lambda value: datetime.fromisoformat(value),
    date: lambda value: date.fromisoformat(value),
}


def snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", name).lower()


def arguments(module: ModuleType, example: Any, populated: PopulatedWorkspace) -> dict[str, Any]:
    """Return the example's path, query and body by the generated function's own names."""
    wanted = inspect.signature(module.sync_detailed).parameters
    types = typing.get_type_hints(module.sync_detailed, vars(module))
    given = {**example.path(populated), **example.query(populated)}
    named: dict[str, Any] = {}
    for name, value in given.items():
        argument = next(
            (one for one in (name, snake(name), f"{name}_", f"{name}_query", f"{name}_path") if one in wanted), None
        )
        assert argument, f"{module.__name__} takes {list(wanted)}, not {name}"
        named[argument] = fit(types[argument], value)
    if "body" in wanted and example.body is not None:
        named["body"] = fit(types["body"], example.body(populated))
    return named


def test_operations_the_generator_cannot_write_are_known(generated: Generated) -> None:
    assert generated.broken == NOT_PYTHON


@pytest.mark.parametrize("name", sorted(set(EXAMPLES) - NOT_PYTHON))
def test_client_calls_every_operation_and_parses_the_response(
    generated: Generated, populated: PopulatedWorkspace, url: str, name: str
) -> None:
    module, example = generated.calls[name], EXAMPLES[name]
    client = generated.client.AuthenticatedClient(base_url=url, token=populated.access.key)
    given = arguments(module, example, populated)
    if name in CANNOT_READ:
        error, message = CANNOT_READ[name]
        with client, pytest.raises(error, match=message):
            module.sync_detailed(client=client, **given)
        return
    with client:
        answer = module.sync_detailed(client=client, **given)
    assert answer.status_code == example.status, answer.content[:500]
    method, path = name.split(" ")
    if f"{method} /api/v2{path}" in generated.without_answer or not hasattr(module, "sync"):
        return
    if answer.status_code != 204:
        assert answer.parsed is not None, "it could not read the answer"
        assert "Response4" not in type(answer.parsed).__name__


def test_client_parses_the_reason_of_a_refusal(generated: Generated, url: str) -> None:
    with generated.client.AuthenticatedClient(base_url=url, token="unknown-key") as client:
        answer = generated.calls["GET /campaigns"].sync_detailed(client=client)
    assert answer.status_code == 401 and answer.parsed.message
    assert type(answer.parsed).__name__ == "ListCampaignResponse401"


def test_client_creates_and_finds_a_campaign_with_leads(
    generated: Generated, populated: PopulatedWorkspace, url: str
) -> None:
    """Make several calls, whose arguments come from the previous responses."""
    calls = generated.calls
    with generated.client.AuthenticatedClient(base_url=url, token=populated.access.key) as client:

        def call(name: str, **given: Any) -> Any:
            module = calls[name]
            types = typing.get_type_hints(module.sync, vars(module))
            return module.sync(client=client, **{field: fit(types[field], value) for field, value in given.items()})

        body = EXAMPLES["POST /campaigns"].body
        assert body
        schedule = body(populated)["campaign_schedule"]
        made = call("POST /campaigns", body={"name": "By a stranger's client", "campaign_schedule": schedule})
        add = {"campaign_id": str(made.id), "leads": [{"email": "ada@stranger.example", "first_name": "Ada"}]}
        added = call("POST /leads/add", body=add)
        assert added.leads_uploaded == 1
        leads = call("POST /leads/list", body={"campaign": str(made.id)})
        assert [lead.email for lead in leads.items] == ["ada@stranger.example"]
        call("POST /campaigns/{id}/activate", id=str(made.id))
        listed = call("GET /campaigns", search="By a stranger's client")
        assert [(str(one.id), int(one.status)) for one in listed.items] == [(str(made.id), 1)]
