"""Checks of a promotion that ask Instantly and change nothing: keys, workspace group, email accounts."""

from collections.abc import Collection
from time import monotonic
from typing import Any

from accounts.models import ProviderConnection
from instantly.actions.promotion.requests import CannotPromote
from instantly.client import InstantlyClient
from instantly.client.errors import InstantlyError
from instantly.connections.services import ConnectionUnusable, client_for
from salesbrain.kernel.messages import Message, message


def require_own_workspace(connection: ProviderConnection) -> Message:
    """Return a sentence that names the workspace. Raises CannotPromote before the first sync, WrongWorkspace for another key."""
    if not connection.workspace_id:
        raise CannotPromote(message("promotion.not_synced", name=connection.name))
    with client_for(connection) as client:
        workspace = client.require_workspace(connection.workspace_id)
    return message("test.workspace", name=workspace.name, id=workspace.id)


def require_group(admin: InstantlyClient, connections: Collection[ProviderConnection]) -> Message:
    """Return a sentence that names the admin workspace, if these are in its group. Raises CannotPromote, InstantlyError.

    Source: https://developer.instantly.ai/api-reference (POST /accounts/move): only an admin workspace's key may move email
    accounts, and both workspaces need that admin workspace.
    """
    own = admin.current_workspace()
    inside = {
        member.sub_workspace_id.lower()
        for member in admin.workspace_group_members()
        if member.status == "accepted" and (member.admin_workspace_id or own.id).lower() == own.id.lower()
    } | {own.id.lower()}
    outside = [row.name for row in connections if row.workspace_id.lower() not in inside]
    if outside:
        raise CannotPromote(message("promotion.other_group", names=", ".join(outside), admin=own.name))
    return message("test.workspace", name=own.name, id=own.id)


def require_possible(
    source: ProviderConnection, destination: ProviderConnection, admin: ProviderConnection | None, *, accounts: bool
) -> None:
    """Raise CannotPromote, InstantlyError or ConnectionUnusable if a promotion between these cannot work. Changes nothing."""
    require_own_workspace(source)
    require_own_workspace(destination)
    if not accounts:
        return
    if admin is None:
        raise CannotPromote(message("promotion.no_admin_key"))
    with client_for(admin, as_admin=True) as client:
        require_group(client, (source, destination))


def as_steps(
    source: ProviderConnection,
    destination: ProviderConnection,
    admin: ProviderConnection | None,
    addresses: Collection[str],
) -> list[dict[str, Any]]:
    """Return the checks as a connection test shows its steps; what fails is named, and the others are asked all the same."""

    def group() -> Message:
        if admin is None:
            raise CannotPromote(message("promotion.no_admin_key"))
        with client_for(admin, as_admin=True) as client:
            return require_group(client, (source, destination))

    def accounts() -> Message:
        with client_for(source) as client:
            there = {row.email.lower() for row in client.email_accounts()}
        if gone := sorted(set(addresses) - there):
            raise CannotPromote(message("promotion.account_gone", address=", ".join(gone[:5]), workspace=source.name))
        return message("promotion.accounts_there", count=len(addresses))

    steps = {"source": lambda: require_own_workspace(source), "destination": lambda: require_own_workspace(destination)}
    if addresses:
        steps |= {"group": group, "email accounts": accounts}
    return [_step(name, check) for name, check in steps.items()]


def _step(name: str, check: Any) -> dict[str, Any]:
    began = monotonic()
    try:
        detail, ok = check(), True
    except (CannotPromote, ConnectionUnusable, InstantlyError) as error:
        detail, ok = str(error), False
    return {"step": name, "ok": ok, "detail": detail, "milliseconds": round(1000 * (monotonic() - began))}
