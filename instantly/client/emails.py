"""Client methods for mails, sent and received: list, count unread, reply, mark as read.

Instantly allows 20 requests a minute to the list.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from instantly.client.errors import UnexpectedShape
from instantly.client.sentences import sentence
from instantly.schemas import Email

from . import operations as op
from .calls import Calls
from .listing import Listing
from .values import Moment, comma_separated, timestamp, without_none


class EmailCalls(Calls):
    def emails(
        self,
        *,
        min_timestamp_created: Moment | None = None,
        max_timestamp_created: Moment | None = None,
        sort_order: str | None = None,
        search: str | None = None,
        campaign_id: str | None = None,
        list_id: str | None = None,
        i_status: float | None = None,
        email_accounts: Iterable[str] | str | None = None,
        lead: str | None = None,
        email_type: str | None = None,
        mode: str | None = None,
        is_unread: bool | None = None,
        preview_only: bool | None = None,
        latest_of_thread: bool | None = None,
        has_reminder: bool | None = None,
        scheduled_only: bool | None = None,
        assigned_to: str | None = None,
        company_domain: str | None = None,
        marked_as_done: bool | None = None,
    ) -> Listing[Email]:
        """List mails, newest first unless ``sort_order="asc"``.

        For an incremental list give ``min_timestamp_created`` (an aware datetime, or Instantly's own text) and ``sort_order="asc"``, and
        let the window overlap: the filter is by when Instantly stored a mail. ``search`` is an address or ``thread:<thread id>``,
        ``email_type`` received, sent or manual, ``assigned_to`` the id of a user there. ``mode`` has an undocumented default: pass
        ``emode_all`` for all of them.
        """
        query = without_none(
            min_timestamp_created=min_timestamp_created, max_timestamp_created=max_timestamp_created,
            sort_order=sort_order, search=search, campaign_id=campaign_id, list_id=list_id, i_status=i_status,
            eaccount=comma_separated(email_accounts), lead=lead, email_type=email_type, mode=mode, is_unread=is_unread,
            preview_only=preview_only, latest_of_thread=latest_of_thread, has_reminder=has_reminder,
            scheduled_only=scheduled_only, assigned_to=assigned_to, company_domain=company_domain,
            marked_as_done=marked_as_done,
        )  # fmt: skip
        return self._list(op.EMAILS, Email, query=query)

    def email(self, email_id: str) -> Email:
        return self._one(op.EMAIL, Email, path={"id": email_id})

    def update_email(
        self,
        email_id: str,
        *,
        is_unread: bool | None = None,
        reminder: Moment | None = None,
        clear_reminder: bool = False,
    ) -> Email:
        """Mark a mail as read or unread, and set its reminder or take it away; what is left out stays unchanged.

        Raises ValueError where nothing is to be changed, or the reminder both set and taken away.
        """
        if reminder is not None and clear_reminder:
            raise ValueError("A reminder is either set or taken away; give one of both.")
        body: dict[str, Any] = without_none(
            is_unread=None if is_unread is None else int(is_unread),
            reminder_ts=None if reminder is None else timestamp(reminder),
        )
        if clear_reminder:
            body["reminder_ts"] = None
        if not body:
            raise ValueError("Nothing would change; say whether it is unread, or what becomes of its reminder.")
        return self._one(op.UPDATE_EMAIL, Email, path={"id": email_id}, body=body)

    def reply(
        self,
        email_id: str,
        *,
        email_account: str,
        subject: str,
        html: str | None = None,
        text: str | None = None,
        additional_recipients: Iterable[str] | None = None,
        cc: Iterable[str] | str | None = None,
        bcc: Iterable[str] | str | None = None,
        reminder: Moment | None = None,
        assigned_to: str | None = None,
    ) -> Email:
        """Answer a mail from one of the workspace's email accounts. Line breaks are kept only in ``html``."""
        if not html and not text:
            raise ValueError("A reply needs a body; give html or text.")
        body = without_none(
            reply_to_uuid=email_id, eaccount=email_account, subject=subject, body=without_none(html=html, text=text),
            additional_recipients=None if additional_recipients is None else list(additional_recipients),
            cc_address_email_list=comma_separated(cc), bcc_address_email_list=comma_separated(bcc),
            reminder_ts=None if reminder is None else timestamp(reminder), assigned_to=assigned_to,
        )  # fmt: skip
        return self._one(op.REPLY, Email, body=body)

    def unread_count(self) -> int:
        """Return how many mails of the workspace are unread."""
        answer = self._transport.call(op.UNREAD_COUNT)
        count = answer.get("count") if isinstance(answer, Mapping) else None
        if not isinstance(count, (int, float)) or isinstance(count, bool):
            what, advice = sentence("fault.no_count"), sentence("advice.report")
            raise UnexpectedShape(
                sentence("provider.no_answer", call=str(op.UNREAD_COUNT), what=what, advice=advice), status=200
            )
        return int(count)

    def mark_thread_read(self, thread_id: str) -> bool:
        """Mark all mails of a thread as read; returns whether Instantly confirms it."""
        answer: Any = self._transport.call(op.MARK_THREAD_READ, path={"thread_id": thread_id})
        return isinstance(answer, Mapping) and answer.get("success") is True
