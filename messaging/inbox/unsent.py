"""Reopen a conversation whose reply was not sent, because its author may have closed it since.

The change is recorded with the origin `rule`. The conversation is open and unread afterwards, and its thread shows the state of the reply.
"""

from datetime import datetime

from messaging import conversation_writer
from messaging.choices import ConversationState
from messaging.events import CONVERSATION_REOPENED, CONVERSATION_UNREAD

from .changes import Change, after_earlier_changes
from .holding import Held
from .services import choose, mark


def bring_back(held: Held, *, now: datetime) -> None:
    """Open the conversation and mark it as unread; no effect if it is both already, or does not exist any more. Call while `held` is
    locked.
    """
    row = held.known
    if row is None or (row.state == ConversationState.OPEN and row.is_unread):
        return
    change = Change(row, held.contact, None, after_earlier_changes(now, row.chosen_at, row.read_at))
    if row.state != ConversationState.OPEN:
        choose(change, CONVERSATION_REOPENED, ConversationState.OPEN, None)
    mark(change, CONVERSATION_UNREAD, 0, 0)
    conversation_writer.refresh({row.pk: False})
