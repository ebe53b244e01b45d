"""Map an email account of Instantly's API to a row of our table."""

from typing import Any

from accounts.choices import EmailAccountStatus, MailProvider, WarmupStatus
from instantly.schemas import EmailAccount
from instantly.sync import statuses
from salesbrain.kernel.addresses import canonical_or_none

LONGEST_REASON = 500


def key(account: EmailAccount) -> str:
    """Return the canonical address; Instantly keeps the spelling its owner typed, which may change."""
    return read_address(account.email)


def read_address(text: str) -> str:
    """Return the canonical form of a mailbox's address; an invalid one in lower case."""
    return canonical_or_none(text) or text.strip().lower()


def row(account: EmailAccount) -> dict[str, Any]:
    """Return the columns for sql/email_accounts.sql, without passwords: the model drops those."""
    extra = account.model_extra or {}
    return {
        "address": key(account),
        "provider_id": account.email,
        "first_name": account.first_name or "",
        "last_name": account.last_name or "",
        "status": status(account),
        "status_code": statuses.code(account.status),
        "status_reason": reason(account),
        "warmup_status": statuses.word(statuses.WARMUP, account.warmup_status, WarmupStatus.UNKNOWN),
        "warmup_status_code": statuses.code(account.warmup_status),
        "warmup_limit": statuses.code((account.warmup or {}).get("limit")),
        "warmup_score": account.stat_warmup_score,
        "daily_limit": statuses.code(account.daily_limit),
        "sending_gap": statuses.code(account.sending_gap),
        "mail_provider": statuses.word(statuses.MAIL_PROVIDER, account.provider_code, MailProvider.UNKNOWN),
        "mail_provider_code": statuses.code(account.provider_code),
        "smtp_host": _text(extra.get("smtp_host")),
        "imap_host": _text(extra.get("imap_host")),
        "provider_created_at": account.timestamp_created,
        "provider_updated_at": account.timestamp_updated,
    }


def status(account: EmailAccount) -> EmailAccountStatus:
    """Return our status of the account. Instantly shows a permanent suspension only in the warm-up's status."""
    warmup = statuses.word(statuses.WARMUP, account.warmup_status, WarmupStatus.UNKNOWN)
    if warmup == WarmupStatus.PERMANENTLY_SUSPENDED:
        return EmailAccountStatus.SUSPENDED
    return statuses.word(statuses.EMAIL_ACCOUNT, account.status, EmailAccountStatus.UNKNOWN)


def reason(account: EmailAccount) -> str:
    """Return why the account does not work, in the mail server's words; "" while it works."""
    if status(account) in (EmailAccountStatus.ACTIVE, EmailAccountStatus.PAUSED):
        return ""
    message = account.status_message
    if isinstance(message, dict):
        message = message.get("response") or message.get("e_message") or message.get("code")
    return _text(message)


def _text(value: Any) -> str:
    return value.strip()[:LONGEST_REASON] if isinstance(value, str) else ""
