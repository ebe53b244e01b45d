"""Event handlers of email accounts: status changes."""

from collections.abc import Iterator

from accounts.choices import EmailAccountStatus
from messaging.events import AccountChange, Change, EventType, ProviderEvent

STATUS = {
    EventType.ACCOUNT_ERROR: EmailAccountStatus.ERROR,
    EventType.ACCOUNT_SUSPENDED: EmailAccountStatus.SUSPENDED,
}


def handle_status(event: ProviderEvent) -> Iterator[Change]:
    if event.email_account:
        yield AccountChange(
            connection_id=event.connection_id,
            address=event.email_account,
            status=STATUS[event.type].value,
            status_at=event.happened_at,
            reason=event.reason,
        )
