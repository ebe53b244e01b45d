"""Write email accounts (pause, resume …) at Instantly, then mirror and audit the result."""

from collections.abc import Callable
from uuid import UUID

from accounts.models import EmailAccount, User
from instantly import schemas
from instantly.client import InstantlyClient
from salesbrain import rls

from .remote_write import EMAIL_ACCOUNT, RemoteWrite


def pause_email_account(account_id: UUID, *, actor: User | None) -> EmailAccount:
    return _switch_email_account(account_id, actor, "email_account.pause", {2}, InstantlyClient.pause_email_account)


def resume_email_account(account_id: UUID, *, actor: User | None) -> EmailAccount:
    return _switch_email_account(account_id, actor, "email_account.resume", {1}, InstantlyClient.resume_email_account)


def _switch_email_account(
    account_id: UUID,
    actor: User | None,
    action: str,
    wanted: set[int],
    call: Callable[[InstantlyClient, str], schemas.EmailAccount],
) -> EmailAccount:
    with rls.scope(rls.SYSTEM):
        account = EmailAccount.objects.select_related("connection").get(pk=account_id)

    def look(client: InstantlyClient) -> schemas.EmailAccount | None:
        now = client.email_account(account.provider_id)
        return now if now.status in wanted else None

    RemoteWrite(
        account.connection,
        action,
        lambda client: call(client, account.provider_id),
        look,
        actor,
        target=account,
        mirroring=EMAIL_ACCOUNT,
    ).run()
    with rls.scope(rls.SYSTEM):
        return EmailAccount.objects.select_related("connection").get(pk=account_id)
