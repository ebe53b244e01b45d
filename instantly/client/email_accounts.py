"""Client methods for email accounts, which Instantly identifies by address."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from instantly.schemas import BackgroundJob, EmailAccount, EmailAccountDay, MovedEmailAccounts, WarmupAnalytics

from . import operations as op
from .calls import Calls, at_most
from .listing import Listing
from .values import comma_separated, without_none

_WARMUP_BATCH = 100
_ANALYTICS_BATCH = 200
_LONGEST_WINDOW = timedelta(days=31)


class EmailAccountCalls(Calls):
    def email_accounts(
        self, *, search: str | None = None, status: int | None = None, provider_code: int | None = None,
        tag_ids: Iterable[str] | None = None, include_tags: bool | None = None, filter: str | None = None,
    ) -> Listing[EmailAccount]:  # fmt: skip
        """List all email accounts, or a selection; ``include_tags`` adds their tags. ``warmup`` is abbreviated here."""
        query = without_none(
            search=search, status=status, provider_code=provider_code, tag_ids=comma_separated(tag_ids),
            include_tags=include_tags, filter=filter,
        )  # fmt: skip
        return self._list(op.EMAIL_ACCOUNTS, EmailAccount, query=query)

    def email_account(self, email: str) -> EmailAccount:
        """Return one email account, with all its warm-up settings."""
        return self._one(op.EMAIL_ACCOUNT, EmailAccount, path={"email": email})

    def update_email_account(self, email: str, **fields: Any) -> EmailAccount:
        """Change the named fields of an email account. ``warmup`` is replaced whole: send what :meth:`email_account` gave, changed."""
        if not fields:
            raise ValueError("There is nothing to change; name at least one field.")
        return self._one(op.UPDATE_EMAIL_ACCOUNT, EmailAccount, path={"email": email}, body=fields)

    def pause_email_account(self, email: str) -> EmailAccount:
        return self._one(op.PAUSE_EMAIL_ACCOUNT, EmailAccount, path={"email": email})

    def resume_email_account(self, email: str) -> EmailAccount:
        return self._one(op.RESUME_EMAIL_ACCOUNT, EmailAccount, path={"email": email})

    def enable_warmup(self, emails: Iterable[str]) -> BackgroundJob:
        """Start warm-up for 1 to 100 addresses. Returns the job that does it: see :meth:`background_job`."""
        return self._one(op.ENABLE_WARMUP, BackgroundJob, body={"emails": at_most(_WARMUP_BATCH, "addresses", emails)})

    def disable_warmup(self, emails: Iterable[str]) -> BackgroundJob:
        """Stop warm-up for 1 to 100 addresses. Returns the job that does it."""
        return self._one(op.DISABLE_WARMUP, BackgroundJob, body={"emails": at_most(_WARMUP_BATCH, "addresses", emails)})

    def move_email_accounts(self, emails: Iterable[str], *, source: str, destination: str) -> MovedEmailAccounts:
        """Move 1 to 100 addresses from one workspace (an id) to another. Only with the key of the admin workspace of both.

        What becomes of the others when one of several cannot be moved is not documented.
        """
        several = at_most(_WARMUP_BATCH, "addresses", emails)
        body = {"emails": several, "source_workspace_id": source, "destination_workspace_id": destination}
        return self._one(op.MOVE_EMAIL_ACCOUNTS, MovedEmailAccounts, body=body)

    def warmup_analytics(self, emails: Iterable[str]) -> WarmupAnalytics:
        """Return the warm-up figures of 1 to 100 addresses."""
        body = {"emails": at_most(_WARMUP_BATCH, "addresses", emails)}
        return self._one(op.WARMUP_ANALYTICS, WarmupAnalytics, body=body)

    def email_account_analytics_daily(
        self, emails: Iterable[str], *, start_date: date | None = None, end_date: date | None = None
    ) -> Listing[EmailAccountDay]:
        """Return sending stats of 1 to 200 addresses by UTC day; the last 30 days by default, 31 at most."""
        if start_date and end_date and not timedelta(0) <= end_date - start_date <= _LONGEST_WINDOW:
            raise ValueError("Instantly answers for at most 31 days, from start_date to a later end_date; split them.")
        several = at_most(_ANALYTICS_BATCH, "addresses", emails)
        query = without_none(emails=several, start_date=start_date, end_date=end_date)
        return self._list(op.EMAIL_ACCOUNT_ANALYTICS_DAILY, EmailAccountDay, query=query)
