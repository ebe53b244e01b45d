"""Client methods for a workspace: its details, plan, API keys, tags and background jobs."""

from collections.abc import Iterable

from instantly.client.errors import WrongWorkspace
from instantly.client.sentences import sentence
from instantly.schemas import ApiKey, BackgroundJob, CustomTag, PlanDetails, Workspace, WorkspaceGroupMember

from . import operations as op
from .calls import Calls
from .listing import Listing
from .values import comma_separated, without_none


class WorkspaceCalls(Calls):
    def current_workspace(self) -> Workspace:
        """Return the workspace the key belongs to, or the sub-workspace the client acts as."""
        return self._one(op.CURRENT_WORKSPACE, Workspace)

    def require_workspace(self, workspace_id: str) -> Workspace:
        """Return the key's workspace if it has this id. Raises WrongWorkspace for a key of another workspace."""
        workspace = self.current_workspace()
        if workspace.id.lower() != workspace_id.lower():
            raise WrongWorkspace(sentence("provider.wrong_workspace", opened=workspace.id, pinned=workspace_id))
        return workspace

    def workspace_group_members(self) -> Listing[WorkspaceGroupMember]:
        """List the sub-workspaces of an admin workspace."""
        return self._list(op.WORKSPACE_GROUP_MEMBERS, WorkspaceGroupMember)

    def plan_details(self) -> PlanDetails:
        """Return the workspace's plan: its paid limits and their usage."""
        return self._one(op.PLAN_DETAILS, PlanDetails)

    def api_keys(self) -> Listing[ApiKey]:
        """List the workspace's API keys with their scopes, without their secrets."""
        return self._list(op.API_KEYS, ApiKey)

    def custom_tags(
        self, *, search: str | None = None, tag_ids: Iterable[str] | None = None,
        resource_ids: Iterable[str] | None = None,
    ) -> Listing[CustomTag]:  # fmt: skip
        """List tags, all of them or those of the objects in ``resource_ids`` (campaign ids or addresses)."""
        query = without_none(
            search=search, tag_ids=comma_separated(tag_ids), resource_ids=comma_separated(resource_ids)
        )
        return self._list(op.CUSTOM_TAGS, CustomTag, query=query)

    def background_jobs(
        self, *, ids: Iterable[str] | None = None, type: str | None = None, status: str | None = None,
        entity_type: str | None = None, entity_id: str | None = None,
    ) -> Listing[BackgroundJob]:  # fmt: skip
        query = without_none(
            ids=comma_separated(ids), type=type, status=status, entity_type=entity_type, entity_id=entity_id
        )
        return self._list(op.BACKGROUND_JOBS, BackgroundJob, query=query)

    def background_job(self, job_id: str, *, data_fields: Iterable[str] | None = None) -> BackgroundJob:
        """Return one background job; ``data_fields`` names the wanted parts of its ``data``."""
        return self._one(
            op.BACKGROUND_JOB, BackgroundJob, path={"id": job_id}, query={"data_fields": comma_separated(data_fields)}
        )
