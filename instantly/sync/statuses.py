"""Map Instantly's status numbers of campaigns, accounts and leads to our status values.

A number without a value here becomes `unknown` and stays readable in a column of its own.

Numbers: https://developer.instantly.ai/api-reference (campaign, account, lead). The live API sends values its document does not have, so no
function here may raise for an unknown one.
"""

from collections.abc import Mapping
from typing import Any, TypeVar

from django.db.models import TextChoices

from accounts.choices import EmailAccountStatus, MailProvider, WarmupStatus
from campaigns.choices import CampaignStatus, NotSending

Word = TypeVar("Word", bound=TextChoices)

CAMPAIGN: Mapping[int, CampaignStatus] = {
    -99: CampaignStatus.ACCOUNT_SUSPENDED,
    -2: CampaignStatus.BOUNCE_PROTECT,
    -1: CampaignStatus.ACCOUNTS_UNHEALTHY,
    0: CampaignStatus.DRAFT,
    1: CampaignStatus.ACTIVE,
    2: CampaignStatus.PAUSED,
    3: CampaignStatus.COMPLETED,
    4: CampaignStatus.RUNNING_SUBSEQUENCES,
}
NOT_SENDING: Mapping[int, NotSending] = {
    1: NotSending.OUTSIDE_SCHEDULE,
    2: NotSending.WAITING_FOR_LEAD,
    3: NotSending.DAILY_LIMIT,
    4: NotSending.ACCOUNTS_DAILY_LIMIT,
    99: NotSending.ERROR,
}
EMAIL_ACCOUNT: Mapping[int, EmailAccountStatus] = {
    -3: EmailAccountStatus.SENDING_ERROR,
    -2: EmailAccountStatus.SOFT_BOUNCE_ERROR,
    -1: EmailAccountStatus.CONNECTION_ERROR,
    1: EmailAccountStatus.ACTIVE,
    2: EmailAccountStatus.PAUSED,
    3: EmailAccountStatus.MAINTENANCE,
}
WARMUP: Mapping[int, WarmupStatus] = {
    -3: WarmupStatus.PERMANENTLY_SUSPENDED,
    -2: WarmupStatus.SPAM_FOLDER_UNKNOWN,
    -1: WarmupStatus.BANNED,
    0: WarmupStatus.PAUSED,
    1: WarmupStatus.ACTIVE,
}
MAIL_PROVIDER: Mapping[int, MailProvider] = {
    1: MailProvider.CUSTOM,
    2: MailProvider.GOOGLE,
    3: MailProvider.MICROSOFT,
    4: MailProvider.AWS,
    8: MailProvider.AIRMAIL,
    11: MailProvider.AIRMAIL_INSTANT,
}

LEAD_COMPLETED = 3
LEAD_FAILED = {-1: "bounced", -3: "skipped"}
"""Status of a lead whose sequence ended because Instantly could not write to it (lead_error in the specification)."""

INTEREST: Mapping[int, str] = {
    -4: "lead_no_show",
    -3: "lead_lost",
    -2: "lead_wrong_person",
    -1: "lead_not_interested",
    0: "lead_out_of_office",
    1: "lead_interested",
    2: "lead_meeting_booked",
    3: "lead_meeting_completed",
    4: "lead_closed",
}
"""`lt_interest_status` of a lead, as the webhook that reports it is called. Other numbers are custom labels' own."""


def code(number: Any) -> int | None:
    """Return a provider's number as an integer that fits our column, None if it gave none or no number."""
    if isinstance(number, bool) or not isinstance(number, int | float) or number != number:
        return None
    return int(number) if abs(number) < 2**31 else None


def word(words: Mapping[int, Word], number: Any, unknown: Word) -> Word:
    """Return our status value for a number, `unknown` if there is none."""
    found = code(number)
    return unknown if found is None else words.get(found, unknown)


def not_sending(number: Any) -> str:
    """Return why a campaign does not send, "" if Instantly gives no reason."""
    return "" if code(number) is None else word(NOT_SENDING, number, NotSending.UNKNOWN)
