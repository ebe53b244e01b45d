"""Response models of a workspace and its settings.

Source: https://developer.instantly.ai/api-reference/workspace
"""

from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import Field

from .base import Answer, Flag, Number, OptionalMoment, Text


class Workspace(Answer):
    """The workspace of the key (or the sub-workspace acted as). It has no counters and no plan limits."""

    id: str = Field(min_length=1)
    name: str
    owner: Text = None
    timestamp_created: OptionalMoment = None
    timestamp_updated: OptionalMoment = None
    scheduled_for_removal_at: OptionalMoment = None
    plan_id: Text = None
    plan_id_bundle: Text = None
    plan_id_leadfinder: Text = None
    plan_id_verification: dict[str, Any] | None = None
    plan_id_crm: Text = None
    plan_id_website_visitor: Text = None
    plan_id_inbox_placement: Text = None
    add_unsub_to_block: Flag = None
    default_opportunity_value: Number = None
    org_logo_url: Text = None
    org_client_domain: Text = None


class WorkspaceGroupMember(Answer):
    """A sub-workspace of an admin workspace; ``status`` is pending, accepted or rejected."""

    id: str = Field(min_length=1)
    sub_workspace_id: str
    admin_workspace_id: Text = None
    status: Text = None
    sub_workspace_name: Text = None
    admin_workspace_name: Text = None
    timestamp_created: OptionalMoment = None
    timestamp_updated: OptionalMoment = None


class PlanDetails(Answer):
    """Plan of a workspace by product; its times are Unix seconds."""

    KEY: ClassVar[str] = "organization_id"
    organization_id: Text = None
    organization_name: Text = None
    subscriptions: dict[str, Any] = Field(default_factory=dict)
    addons: dict[str, Any] = Field(default_factory=dict)


class ApiKey(Answer):
    """An API key of the workspace: its name and scopes. Its secret is dropped while reading."""

    id: str = Field(min_length=1)
    name: Text = None
    scopes: list[str] = Field(default_factory=list)
    organization_id: Text = None
    timestamp_created: OptionalMoment = None
    timestamp_updated: OptionalMoment = None

    @classmethod
    def read(cls, given: Mapping[str, Any]) -> "ApiKey":
        return super().read({name: value for name, value in given.items() if name != "key"})


class CustomTag(Answer):
    """A tag for campaigns and email accounts."""

    id: str = Field(min_length=1)
    label: str
    description: Text = None
    organization_id: Text = None
    timestamp_created: OptionalMoment = None
    timestamp_updated: OptionalMoment = None


class BackgroundJob(Answer):
    """A background job of Instantly's; ``progress`` is 0 to 100.

    ``status`` is open: pending, in-progress, success, failed, draining, paused, cancelled are documented.
    """

    FINISHED: ClassVar[frozenset[str]] = frozenset({"success", "completed", "failed", "error", "cancelled"})

    id: str = Field(min_length=1)
    status: str
    type: Text = None
    progress: Number = None
    workspace_id: Text = None
    user_id: Text = None
    entity_id: Text = None
    entity_type: Text = None
    data: dict[str, Any] | None = None
    created_at: OptionalMoment = None
    updated_at: OptionalMoment = None

    @property
    def finished(self) -> bool:
        """Return whether the job has ended, with or without success."""
        return self.status in self.FINISHED
