"""Create the Instantly client of a stored connection; no other code reads a stored API key."""

from django.conf import settings
from django.db import IntegrityError

from accounts.choices import ConnectionStatus
from accounts.models import Organization, ProviderConnection, WebhookSecret
from instantly.client import InstantlyClient
from instantly.client.errors import Forbidden, InstantlyError, InvalidKey, PaymentRequired, WrongWorkspace
from instantly.connections.rate_limiter import budget_of
from instantly.schemas import Workspace
from salesbrain import rls
from salesbrain.kernel import tracing
from salesbrain.kernel.messages import message

REFUSALS: dict[type[InstantlyError], ConnectionStatus] = {
    InvalidKey: ConnectionStatus.UNAUTHORIZED,
    PaymentRequired: ConnectionStatus.UNPAID,
    Forbidden: ConnectionStatus.FORBIDDEN,
    WrongWorkspace: ConnectionStatus.UNAUTHORIZED,
}
"""Status of a connection after errors that last until somebody acts."""


class ConnectionUnusable(Exception):
    """Error: this connection cannot be used for calls; the text says why and what to do."""


def client_for(connection: ProviderConnection, *, as_admin: bool = False) -> InstantlyClient:
    """Return a client for the connection's workspace, with the rate limit shared by all processes.

    `as_admin`: for the workspace that the key itself is of, where the connection acts as a sub-workspace of it.

    Use it as a context manager. Raises ConnectionUnusable where the connection is switched off or holds no usable key.
    """
    if not connection.is_active:
        raise ConnectionUnusable(message("connection.off", name=connection.name))
    if not connection.api_key:
        raise ConnectionUnusable(message("connection.no_key", name=connection.name))
    try:
        return InstantlyClient(
            connection.api_key,
            base_url=settings.INSTANTLY_BASE_URL,
            workspace=None if as_admin else connection.acts_as_workspace or None,
            budget=budget_of(connection),
            observe=tracing.call_span,
        )
    except ValueError as error:
        raise ConnectionUnusable(message("connection.unusable", name=connection.name, reason=str(error))) from None


def pin_workspace(connection: ProviderConnection, client: InstantlyClient) -> Workspace:
    """Ask Instantly for the key's workspace, pin the connection to it the first time, and store its name and facts.

    Raises WrongWorkspace for a key of another workspace than the pinned one, ConnectionUnusable for a workspace that another connection
    has, InstantlyError where the call fails. Updates the passed `connection` as well.
    """
    pinned = connection.workspace_id
    workspace = client.require_workspace(pinned) if pinned else client.current_workspace()
    facts = {"workspace_id": pinned or workspace.id, "workspace_name": workspace.name, "raw": workspace.raw}
    if all(getattr(connection, name) == value for name, value in facts.items()):
        return workspace
    try:
        with rls.scope(rls.SYSTEM):
            ProviderConnection.objects.filter(pk=connection.pk).update(**facts)
    except IntegrityError:
        raise ConnectionUnusable(
            message("connection.key_of_another", name=connection.name, workspace=workspace.id)
        ) from None
    for name, value in facts.items():
        setattr(connection, name, value)
    return workspace


def record_outcome(connection: ProviderConnection, error: Exception | None) -> None:
    """Store on the connection whether Instantly accepts its key. Writes only if that changed."""
    status, detail = ConnectionStatus.WORKING, ""
    if error is not None:
        refusals = (status for kind, status in REFUSALS.items() if isinstance(error, kind))
        status, detail = next(refusals, ConnectionStatus.FAILING), str(error)
    if (connection.status, connection.status_detail) != (status, detail):
        with rls.scope(rls.SYSTEM):
            ProviderConnection.objects.filter(pk=connection.pk).update(status=status, status_detail=detail)
        connection.status, connection.status_detail = status, detail


def record_if_shut_out(connection: ProviderConnection, error: Exception) -> None:
    """Store an error on the connection if it affects every call. A missing scope does not: other calls may go on."""
    if isinstance(error, InvalidKey | PaymentRequired | WrongWorkspace):
        record_outcome(connection, error)


def connect_workspace(
    name: str, key: str, *, organization: Organization | None, acts_as: str = "", replace: bool = False
) -> ProviderConnection:
    """Store an API key under a name, after Instantly has confirmed its workspace; return the pinned connection.

    With `replace`, `name` exists and gets the new key, which must open the same workspace. A webhook secret is issued
    where there is none. Raises ConnectionUnusable (name taken or absent, workspace connected already, no usable key),
    WrongWorkspace, InstantlyError; nothing is stored then.
    """
    with rls.scope(rls.SYSTEM):
        connection = ProviderConnection.objects.filter(name=name).first()
    if (connection is not None) != replace:
        what = (
            "exists; give --replace to store a new key for it" if connection else "does not exist; leave --replace out"
        )
        raise ConnectionUnusable(f"The connection {name} {what}.")
    if connection is None:
        connection = ProviderConnection(name=name, organization=organization)
        connection.acts_as_workspace = acts_as
    connection.set_api_key(key)
    connection.is_active = True
    with client_for(connection) as client:
        workspace = (
            client.require_workspace(connection.workspace_id) if connection.workspace_id else client.current_workspace()
        )
    connection.workspace_id = connection.workspace_id or workspace.id
    connection.workspace_name, connection.raw = workspace.name, workspace.raw
    connection.status, connection.status_detail = ConnectionStatus.WORKING, ""
    try:
        with rls.scope(rls.SYSTEM):
            connection.save()
            if not connection.webhook_secrets.exists():
                WebhookSecret.objects.issue(connection)
    except IntegrityError:
        raise ConnectionUnusable(
            f"The workspace {workspace.id} ({workspace.name}) is connected already; one workspace is connected once."
        ) from None
    return connection
