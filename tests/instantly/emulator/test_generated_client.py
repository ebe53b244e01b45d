"""Somebody else's client, generated unmodified from the vendor's document, works against the emulator over HTTP.

Every operation the emulator plays is called by it; it must read every answer with its own models. Where the generator could
make nothing of an operation's answer (it says so when it generates), the status alone is held.
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
from .request_examples import EXAMPLES, World

pytestmark = needs_document
PACKAGE = "instantly_as_generated"
UNREADABLE = re.compile(r"WARNING parsing (\w+) (\S+) within [^\n]*\n\nCannot parse response")


NOT_PYTHON = {"DELETE /leads"}
"""What the generator writes for these does not compile, whatever the emulator does."""

CANNOT_READ = {
    "POST /campaigns/{id}/share": (ValueError, "Expecting value"),  # it wants JSON in a 204
    "POST /leads/list": (
        ValueError,
        "is not a valid LeadLtInterestStatus",
    ),  # the prose allows custom labels, the enumeration not
}
"""Where the document contradicts itself, the client fails at the live service just so."""


class Generated:
    """The package, and which module calls which operation: found by what it sends, not by what it is called."""

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
    """Without the generator's last step, which only makes the code pretty."""
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
def world() -> World:
    fake = FakeInstantly(seed=3, transport=in_process_transport(lambda url, body, headers: 200))
    return World(fake, fake.add_workspace("acme"))


@pytest.fixture(scope="module")
def url(world: World) -> Iterator[str]:
    server = EmulatorServer(world.fake)
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


def arguments(module: ModuleType, example: Any, world: World) -> dict[str, Any]:
    """Return the example's path, query and body by the generated function's own names."""
    wanted = inspect.signature(module.sync_detailed).parameters
    types = typing.get_type_hints(module.sync_detailed, vars(module))
    given = {**example.path(world), **example.query(world)}
    named: dict[str, Any] = {}
    for name, value in given.items():
        argument = next(
            (one for one in (name, snake(name), f"{name}_", f"{name}_query", f"{name}_path") if one in wanted), None
        )
        assert argument, f"{module.__name__} takes {list(wanted)}, not {name}"
        named[argument] = fit(types[argument], value)
    if "body" in wanted and example.body is not None:
        named["body"] = fit(types["body"], example.body(world))
    return named


def test_what_the_generator_cannot_write_is_known(generated: Generated) -> None:
    assert generated.broken == NOT_PYTHON


@pytest.mark.parametrize("name", sorted(set(EXAMPLES) - NOT_PYTHON))
def test_it_calls_every_operation_and_reads_the_answer(generated: Generated, world: World, url: str, name: str) -> None:
    module, example = generated.calls[name], EXAMPLES[name]
    client = generated.client.AuthenticatedClient(base_url=url, token=world.access.key)
    given = arguments(module, example, world)
    if name in CANNOT_READ:
        error, said = CANNOT_READ[name]
        with client, pytest.raises(error, match=said):
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


def test_it_is_told_why_it_is_refused(generated: Generated, url: str) -> None:
    with generated.client.AuthenticatedClient(base_url=url, token="nobody's key") as client:
        answer = generated.calls["GET /campaigns"].sync_detailed(client=client)
    assert answer.status_code == 401 and answer.parsed.message
    assert type(answer.parsed).__name__ == "ListCampaignResponse401"


def test_it_makes_a_campaign_with_leads_and_finds_both(generated: Generated, world: World, url: str) -> None:
    """A story over several calls, each argument taken from the answer before."""
    calls = generated.calls
    with generated.client.AuthenticatedClient(base_url=url, token=world.access.key) as client:

        def call(name: str, **given: Any) -> Any:
            module = calls[name]
            types = typing.get_type_hints(module.sync, vars(module))
            return module.sync(client=client, **{field: fit(types[field], value) for field, value in given.items()})

        body = EXAMPLES["POST /campaigns"].body
        assert body
        schedule = body(world)["campaign_schedule"]
        made = call("POST /campaigns", body={"name": "By a stranger's client", "campaign_schedule": schedule})
        add = {"campaign_id": str(made.id), "leads": [{"email": "ada@stranger.example", "first_name": "Ada"}]}
        added = call("POST /leads/add", body=add)
        assert added.leads_uploaded == 1
        leads = call("POST /leads/list", body={"campaign": str(made.id)})
        assert [lead.email for lead in leads.items] == ["ada@stranger.example"]
        call("POST /campaigns/{id}/activate", id=str(made.id))
        listed = call("GET /campaigns", search="By a stranger's client")
        assert [(str(one.id), int(one.status)) for one in listed.items] == [(str(made.id), 1)]
