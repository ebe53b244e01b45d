"""Workspace file of the emulator: valid contents and error messages."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from instantly.emulator import FakeInstantly
from instantly.emulator.entry_points.workspace_file import InvalidWorkspaceFile, WorkspaceFile

from .conftest import Api

WORKSPACE_ID = "4f5e9c1a-7a0e-4a57-9d6b-2f0c7f3b9d11"


def load(tmp_path: Path, *entries: Mapping[str, object], seed: int = 0) -> FakeInstantly:
    path = tmp_path / "workspaces.json"
    path.write_text(json.dumps({"workspaces": entries}))
    fake = FakeInstantly(seed)
    WorkspaceFile.read(path).create_workspaces(fake)
    return fake


def test_name_and_key_suffice_for_a_demo_workspace(tmp_path: Path) -> None:
    api = Api(load(tmp_path, {"name": "acme", "key": "made-up"}), "made-up")
    assert len(api.get("/campaigns")["items"]) == 7
    assert {row["status"] for row in api.get("/campaigns")["items"]} == {0, 1, 2}
    assert len(api.get("/accounts")["items"]) == 6


def test_ids_depend_on_file_and_seed(tmp_path: Path) -> None:
    entry = {"name": "acme", "id": WORKSPACE_ID, "key": "made-up", "campaigns": ["One", "Two", "Two"]}
    first, second, other = (load(tmp_path, entry, seed=seed).workspaces[WORKSPACE_ID] for seed in (1, 1, 2))
    assert [list(space.campaigns) for space in (first, first)] == [list(space.campaigns) for space in (second, first)]
    assert [list(space.accounts) for space in (first,)] == [list(space.accounts) for space in (second,)]
    assert not {row["id"] for row in first.campaigns} & {row["id"] for row in other.campaigns}
    assert len(first.campaigns) == 3


def test_scopes_campaign_values_and_groups_are_applied(tmp_path: Path) -> None:
    fake = load(
        tmp_path,
        {"name": "acme", "key": "k1", "campaigns": [{"name": "Still a draft", "status": 0}]},
        {"name": "sub", "key": "k2", "scopes": ["campaigns:read"], "sub_of": "acme"},
    )
    assert Api(fake, "k1").get("/campaigns")["items"][0]["status"] == 0
    Api(fake, "k2").get("/accounts", expect=403)
    sub = fake.workspace("sub").id
    assert Api(fake, "k1", **{"x-as-workspace": sub}).get("/workspaces/current")["name"] == "sub"


def test_workspace_file_can_register_a_webhook(tmp_path: Path) -> None:
    entry = {"name": "acme", "key": "k1", "deliver_to": "http://127.0.0.1:9/hook", "secret": "made-up"}
    (hook,) = Api(load(tmp_path, entry), "k1").get("/webhooks")["items"]
    assert (hook["target_hook_url"], hook["headers"]) == ("http://127.0.0.1:9/hook", {"X-Webhook-Secret": "made-up"})


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("{", "is not JSON"),
        ("{}", "at least one workspace"),
        ('{"workspaces": [{"name": "acme"}]}', "needs a name and a key"),
        ('{"workspaces": [{"name": "acme", "key": "very-private", "colour": 1}]}', "unknown fields: colour"),
        ('{"workspaces": [{"name": "a", "key": "very-private", "sub_of": "b"}]}', "sub_of names no workspace"),
        ('{"workspaces": [{"name": "a", "key": "very-private"}, {"name": "a", "key": "k2"}]}', "There is a workspace"),
        ('{"workspaces": [{"name": "a", "key": "very-private", "campaigns": 5}]}', "Workspace a"),
    ],
)
def test_invalid_file_is_reported_without_its_keys(tmp_path: Path, content: str, complaint: str) -> None:
    path = tmp_path / "workspaces.json"
    path.write_text(content)
    with pytest.raises(InvalidWorkspaceFile, match=complaint) as error:
        WorkspaceFile.read(path).create_workspaces(FakeInstantly())
    assert "very-private" not in str(error.value)


def test_missing_file_is_reported(tmp_path: Path) -> None:
    with pytest.raises(InvalidWorkspaceFile, match="No such file"):
        WorkspaceFile.read(tmp_path / "nothing.json")
