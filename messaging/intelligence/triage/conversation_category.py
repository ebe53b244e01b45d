"""Correction of a conversation's category by the organization's people, and its undo.

Page and API call the same two services. The engine learns from corrections; they change neither interest nor suppressions.
"""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.customer_services import customer_service
from accounts.models import User
from accounts.permissions import Permission
from accounts.refusals import Refusal
from messaging.choices import Direction, Origin
from messaging.inbox.refusals import UnknownConversation
from messaging.models import Conversation, Message
from salesbrain import rls

from . import corrections
from .classes import Category


class NothingToSort(Refusal):
    sentence = _("This conversation has no received email that could have a category.")


class InvalidCategory(Refusal):
    sentence = _("There is no such category. Choose one of the twelve.")


@customer_service(Permission.CATEGORIZE)
def correct_category(
    scope: rls.Scope,
    *,
    by: User,
    conversation_id: UUID,
    category: str,
    now: datetime,
    message_id: UUID | None = None,
) -> bool:
    """Set the category of a received email of a conversation (without `message_id`: the one that decides the conversation's).

    Returns whether the category changed; confirming the engine's answer is stored as well. Raises UnknownConversation, NothingToSort,
    InvalidCategory, RoleTooLow.
    """
    if category not in list(Category):
        raise InvalidCategory
    with transaction.atomic():
        message = _message(scope, conversation_id, message_id)
        return corrections.correct(message, Category(category), now=now, actor=by, origin=_origin(by))


@customer_service(Permission.CATEGORIZE)
def withdraw_correction(
    scope: rls.Scope, *, by: User, conversation_id: UUID, now: datetime, message_id: UUID | None = None
) -> bool:
    """Take a person's correction back, so that the engine's answer holds again; return whether there was one.

    Raises UnknownConversation, NothingToSort, RoleTooLow.
    """
    with transaction.atomic():
        message = _message(scope, conversation_id, message_id)
        return corrections.withdraw(message, now=now, actor=by, origin=_origin(by))


def _origin(by: User) -> Origin:
    return Origin.STAFF if by.is_staff else Origin.CUSTOMER


def _message(scope: rls.Scope, conversation_id: UUID, message_id: UUID | None) -> Message:
    """Return the received email in the caller's scope: the latest by a person, else the latest by a machine, as the inbox chooses."""
    with rls.scope(scope):
        if not Conversation.objects.filter(pk=conversation_id, organization=scope.organization).exists():
            raise UnknownConversation
        received = Message.objects.filter(
            organization=scope.organization, contact=conversation_id, direction=Direction.IN
        )
        if message_id is not None:
            received = received.filter(pk=message_id)
        found = received.order_by("is_auto_reply", "-happened_at", "-id").first()
        if found is None:
            raise NothingToSort
        return found
