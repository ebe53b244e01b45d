"""Load a conversation's mails, latest first, in pages, with the replies not sent yet."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Case, OuterRef, Q, QuerySet, Subquery, TextField, Value, When
from django.db.models.functions import Coalesce

from accounts.models import User
from messaging.choices import Direction, MessageKind, OutboxState
from messaging.events import EventType
from messaging.inbox.listing import Place
from messaging.models import Contact, Event, Message, MessageCategory, OutboxMessage
from messaging.models.outbox import UNDER_WAY

PAGE = 20
COLUMNS = (
    "id", "organization_id", "direction", "kind", "is_auto_reply", "step", "variant", "email_account", "subject", "body_text", "reply_text",
    "happened_at", "opened_at", "clicked_at", "bounced_at", "replied_at", "campaign__id", "campaign__name", "campaign__schedule",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Page:
    """Mails of one page, latest first; `next` leads on to older ones."""

    messages: Sequence[Message]
    next: Place | None


@dataclass(frozen=True, slots=True)
class Replies:
    """Outbox replies not recorded as messages yet, latest first, and the reader's own draft."""

    rows: Sequence[OutboxMessage]
    draft: OutboxMessage | None

    @property
    def undecided(self) -> bool:
        return any(row.state in UNDER_WAY for row in self.rows)


def page(contact: Contact, *, before: Place | None = None, limit: int = PAGE) -> Page:
    """Return up to `limit` mails of a conversation with category and, for those we wrote by hand, `author` and `told_as` (the provider's
    name of the sender). One statement, in the caller's scope.
    """
    own = Message.objects.filter(organization=contact.organization_id, contact=contact)
    if before is not None:
        own = own.filter(happened_at__lte=before.at).exclude(happened_at=before.at, pk__gte=before.id)
    sorted_as = MessageCategory.objects.filter(organization=OuterRef("organization"), pk=OuterRef("pk"))
    rows = own.annotate(
        category=Subquery(sorted_as.values("category")),
        sorted_by=Subquery(sorted_as.values("source")),
        sorted_because=Subquery(sorted_as.values("reason")),
        sorted_between=Subquery(sorted_as.values("candidates")),
        author=_if_written_by_hand(Subquery(_sent_from_here().values("author_name")[:1])),
        told_as=_if_written_by_hand(Subquery(_event_of_manual_mail().values("detail")[:1])),
    )
    found = list(rows.select_related("campaign").only(*COLUMNS).order_by("-happened_at", "-id")[: limit + 1])
    shown = found[:limit]
    return Page(shown, Place(shown[-1].happened_at, shown[-1].pk) if len(found) > limit else None)


def _if_written_by_hand(asked: Subquery) -> Case:
    """Return an expression: the subquery's result for mails we wrote by hand, "" for all others, without running it."""
    nothing = Value("", output_field=TextField())
    return Case(When(direction=Direction.OUT, kind=MessageKind.MANUAL, then=Coalesce(asked, nothing)), default=nothing)


def _sent_from_here() -> "QuerySet[OutboxMessage]":
    return OutboxMessage.objects.filter(
        organization=OuterRef("organization"), contact=OuterRef("contact"), email_id=OuterRef("email_id")
    )


def _event_of_manual_mail() -> "QuerySet[Event]":
    """Return the subquery for the event of a mail written by hand, which is found by the mail's time."""
    return Event.objects.filter(
        organization=OuterRef("organization"), contact=OuterRef("contact"), happened_at=OuterRef("happened_at"),
        type=EventType.MANUAL_EMAIL_SENT, message=OuterRef("pk"),
    ).order_by("id")  # fmt: skip


def replies(contact: Contact, by: User) -> Replies:
    """Return replies of the outbox and the reader's own draft, in one statement. In the caller's scope."""
    own = OutboxMessage.objects.of_contact(contact.organization_id, contact.pk).unrecorded()
    mine = Q(state=OutboxState.DRAFT, author_id=by.pk)
    found = list(own.filter(mine | ~Q(state=OutboxState.DRAFT)).order_by("-queued_at", "-id"))
    drafts = [row for row in found if row.state == OutboxState.DRAFT]
    return Replies([row for row in found if row.state != OutboxState.DRAFT], drafts[0] if drafts else None)
