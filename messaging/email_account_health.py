"""Sending and deliverability stats (sent, bounced, limit) for a list page of email accounts.

One statement for the whole page.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q, Sum

from accounts.models import EmailAccount, Organization
from messaging.models import DailyStats

WEEK = timedelta(days=6)
"""Span of a week: today and the six days before it."""

MAX_BOUNCE_RATE = 0.05
"""Bounce rate above which providers begin to throttle a sender."""


@dataclass(frozen=True, slots=True)
class EmailAccountHealth:
    sent_today: int = 0
    sent: int = 0
    bounces: int = 0
    replies: int = 0
    complaints: int = 0

    def rate(self, figure: str) -> float | None:
        """Return the count as a fraction of sent mails; None if nothing was sent, which is not 0 %."""
        return getattr(self, figure) / self.sent if self.sent else None


def health_by_account(
    accounts: Sequence[EmailAccount], *, today: date, organizations: Sequence[UUID] | None = None
) -> dict[tuple[UUID, str], EmailAccountHealth]:
    """Return the sending health of the last 7 days by (connection, address), summed over all organizations' campaigns of a mailbox.

    `organizations`: all that the scope shows, if the caller knows them; None: they are queried.
    """
    shown = Organization.objects.values_list("pk", flat=True) if organizations is None else organizations
    rows: Any = (
        DailyStats.objects.filter(
            organization__in=list(shown),  # the index begins with them
            day__gte=today - WEEK,
            day__lte=today,
            email_account__in={account.address for account in accounts},
            campaign__connection__in={account.connection_id for account in accounts},
        )
        .order_by()
        .values_list("campaign__connection_id", "email_account")
        .annotate(
            today=Sum("sent", filter=Q(day=today), default=0),
            **{figure: Sum(figure) for figure in ("sent", "bounces", "replies", "complaints")},
        )
    )
    return {(connection, address): EmailAccountHealth(*figures) for connection, address, *figures in rows}
