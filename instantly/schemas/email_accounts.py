"""Response models of email accounts, which are identified by address.

Source: https://developer.instantly.ai/api-reference/account
"""

import re
from collections.abc import Mapping
from enum import IntEnum
from functools import lru_cache
from typing import Annotated, Any, ClassVar

from pydantic import Field

from .base import MAX_KEY, WHOLE, Answer, Flag, Number, OptionalMoment, Text


class EmailAccountStatus(IntEnum):
    ACTIVE = 1
    PAUSED = 2
    MAINTENANCE = 3  # resumes itself
    CONNECTION_ERROR = -1
    SOFT_BOUNCE_ERROR = -2
    SENDING_ERROR = -3


class WarmupStatus(IntEnum):
    PAUSED = 0
    ACTIVE = 1
    BANNED = -1
    SPAM_FOLDER_UNKNOWN = -2
    PERMANENTLY_SUSPENDED = -3


class MailProvider(IntEnum):
    CUSTOM = 1  # IMAP and SMTP of somebody's own
    GOOGLE = 2
    MICROSOFT = 3
    AWS = 4
    AIRMAIL = 8
    AIRMAIL_INSTANT = 11


_SECRET = re.compile(r"password|passwd|secret|token", re.IGNORECASE)


class EmailAccount(Answer):
    """A mailbox Instantly sends from. In lists ``warmup`` is abbreviated to its limit; :meth:`email_account` has all.

    Instantly documents no password or host in answers; should one come, a host is kept, a password is not.
    """

    KEY: ClassVar[str] = "email"
    email: str = Field(min_length=1, max_length=MAX_KEY)
    status: Annotated[EmailAccountStatus | int | None, Field(union_mode="left_to_right"), WHOLE] = None
    warmup_status: Annotated[WarmupStatus | int | None, Field(union_mode="left_to_right"), WHOLE] = None
    provider_code: Annotated[MailProvider | int | None, Field(union_mode="left_to_right"), WHOLE] = None
    timestamp_created: OptionalMoment = None
    timestamp_updated: OptionalMoment = None
    timestamp_warmup_start: OptionalMoment = None
    first_name: Text = None
    last_name: Text = None
    warmup: dict[str, Any] | None = None
    status_message: dict[str, Any] | str | None = None
    stat_warmup_score: Number = None
    daily_limit: Number = None
    daily_limit_max: Number = None
    warmup_limit_max: Number = None
    inbox_placement_test_limit: Number = None
    sending_gap: Number = None
    tracking_domain_name: Text = None
    tracking_domain_status: Text = None
    enable_slow_ramp: Flag = None
    setup_pending: Flag = None
    is_managed_account: Flag = None
    autofix_failed: Flag = None
    signature: Text = None
    reply_to: Text = None
    organization: Text = None
    added_by: Text = None
    modified_by: Text = None
    tags: list[Any] | None = None

    @classmethod
    def read(cls, given: Mapping[str, Any]) -> "EmailAccount":
        return super().read(cls.storable(given))

    @classmethod
    def storable(cls, given: Mapping[str, Any]) -> dict[str, Any]:
        kept: dict[str, Any] = _without_secrets(given)
        return kept

    @classmethod
    def key_of(cls, given: Mapping[str, Any]) -> str:
        return super().key_of(given).strip().lower()


def _without_secrets(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_secrets(item) for name, item in value.items() if not _is_secret(name)}
    return [_without_secrets(item) for item in value] if isinstance(value, list) else value


@lru_cache(maxsize=1000)  # the names are few, the accounts many
def _is_secret(name: str) -> bool:
    return _SECRET.search(name) is not None


class MovedEmailAccounts(Answer):
    """Answer to a move between workspaces; ``success`` is its only documented ``status``."""

    KEY: ClassVar[str] = "status"
    status: Text = None


class WarmupAnalytics(Answer):
    """Warm-up figures by address: per day in ``email_date_data``, in total in ``aggregate_data``; keys may lack."""

    KEY: ClassVar[str] = "email_date_data"
    email_date_data: dict[str, dict[str, Any]] = Field(default_factory=dict)
    aggregate_data: dict[str, dict[str, Any]] = Field(default_factory=dict)

    def __repr_args__(self) -> list[tuple[str | None, Any]]:
        return [("email_accounts", len(self.aggregate_data))]
