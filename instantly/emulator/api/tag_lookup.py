"""Find the tags of an emulated account or campaign, and the accounts and campaigns of a tag."""

from collections.abc import Collection

from ..state.tables import Row
from ..state.workspaces import Workspace

ON_ACCOUNT, ON_CAMPAIGN = 1, 2  # resource_type, as in the document's enumeration (its prose has them swapped)


def resources_with_any(workspace: Workspace, tag_ids: Collection[str]) -> set[str]:
    """Return ids (of campaigns) and addresses (of accounts) that have at least one of the tags."""
    return {row["resource_id"] for row in workspace.tag_mappings if row["tag_id"] in tag_ids}


def resources_with_all(workspace: Workspace, tag_ids: Collection[str]) -> set[str]:
    """Return ids (of campaigns) and addresses (of accounts) that have every one of the tags."""
    found = [resources_with_any(workspace, [tag_id]) for tag_id in tag_ids]
    return set.intersection(*found) if found else set()


def tags_of(workspace: Workspace, resource_id: str) -> list[Row]:
    """Return the tags of one account or campaign, as ``include_tags`` shows them."""
    ids = [row["tag_id"] for row in workspace.tag_mappings if row["resource_id"] == resource_id]
    tags = (workspace.tags.get(tag_id) for tag_id in ids)
    return [{"id": tag["id"], "label": tag["label"], "description": tag["description"]} for tag in tags if tag]
