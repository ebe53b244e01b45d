"""`/inbox/<id>`: page of a conversation: mails, reply form, panel with facts about the person."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase

from accounts.permissions import Permission
from accounts.refusals import Refusal
from messaging.choices import Direction, DoneReason, OutboxState
from messaging.contact_engagement import engagement_of
from messaging.inbox import services, thread
from messaging.inbox.beside import Beside, beside
from messaging.inbox.contact_zone import ContactZone, contact_zone
from messaging.inbox.listing import LANE_OF_CATEGORY
from messaging.inbox.outbox import LONGEST_UNDO, SHORTEST_UNDO, UNDO_SECONDS, sender_of
from messaging.inbox.snippets import filled
from messaging.intelligence.triage.classes import Source
from messaging.models import Contact, Conversation, Message, OutboxMessage
from messaging.web import category_words, contact_zone_words, engagement_words, inbox_asked
from messaging.web.inbox import UNSEEN, InboxView
from messaging.web.inbox_words import (
    DONE_REASONS,
    REPLY_STATES,
    REPLY_TONES,
    SNOOZES,
    SORTED_BY,
    SUGGESTIONS,
    SUPPRESSES,
    written_by,
)
from messaging.web.next_step import next_step
from messaging.web.reading_audit import record_reading
from messaging.web.words import SUPPRESSIONS as SUPPRESSED
from salesbrain.kernel.messages import shown
from salesbrain.web.views import rendered

MAX_TEXT = 20_000
REASONS = (DoneReason.NOT_INTERESTED, DoneReason.WRONG_PERSON, DoneReason.LEFT_COMPANY)
"""Reasons preselected when a conversation is closed, if its category is one of them."""

OF_CONTACT = (
    "email", "first_name", "last_name", "company", "phone", "website", "meeting_at", "unsubscribed_at", "complained_at", "bounced_at",
    "interest", "interest_at", "staff_interest", "staff_interest_at",
)  # fmt: skip
WITH_CONTACT = f"""SELECT v.*, {", ".join(f"c.{name} AS contact_{name}" for name in OF_CONTACT)}
    FROM messaging_conversation v JOIN messaging_contact c ON c.organization_id = v.organization_id AND c.id = v.id
    WHERE v.id = %s AND v.organization_id = ANY (%s)"""  # noqa: S608  names of our own
UNDO_BAR = timedelta(minutes=3)
UNDO_TIMES = (SHORTEST_UNDO, 10, UNDO_SECONDS, 60, LONGEST_UNDO)
"""Seconds to choose from, within which a reply can be taken back."""

MAY = {
    "reply": Permission.REPLY, "label": Permission.LABEL, "note": Permission.NOTE, "change": Permission.SNOOZE, "assign": Permission.ASSIGN,
    "categorize": Permission.CATEGORIZE, "follow_up": Permission.FOLLOW_UP,
    "snippets": Permission.MANAGE_SNIPPETS,
}  # fmt: skip


class ConversationView(InboxView):
    """Page of one conversation. Marks it as read, but not for staff, observers, or a script that prefetches the page."""

    writes_in_get = True
    statements = 18  # the list's as well: both stand side by side
    example_arguments = {"conversation_id": UUID("00000000-0000-4000-8000-0000000000e1")}

    def get(self, request: HttpRequest, conversation_id: UUID) -> HttpResponseBase:
        return self.opened(conversation_id)

    def opened(self, conversation_id: UUID, *, status: int = 200, **more: Any) -> HttpResponseBase:
        """Return the rendered page of a conversation; `more` is added to the template's context. Raises Http404."""
        conversation, contact = self.found(conversation_id)
        found = beside(contact)
        found = replace(
            found,
            suppressions=[{**row, "words": SUPPRESSED.get(row["reason"], row["reason"])} for row in found.suppressions],
        )
        context = {**self.described_conversation(conversation, contact, found), **more}
        record_reading(self.request, contact_id=contact.pk, organization_id=contact.organization_id, now=self.now)
        response = rendered(self.show(context, status=status))
        self.mark_read(conversation, found.seen)
        return response

    def found(self, conversation_id: UUID) -> tuple[Conversation, Contact]:
        """Return a conversation and the facts shown beside it, in one statement. Raises Http404."""
        for row in Conversation.objects.raw(WITH_CONTACT, [conversation_id, self.organizations]):
            found: Any = row  # the contact's columns are attributes as well
            own = {name: getattr(found, f"contact_{name}") for name in OF_CONTACT}
            return row, Contact(id=row.pk, organization_id=row.organization_id, **own)
        raise Http404

    def mark_read(self, conversation: Conversation, seen: int) -> None:
        """Mark the conversation as read up to event `seen`. Call last: its event holds the feed's lock until the transaction ends."""
        looks = not self.request.headers.get(UNSEEN)
        if looks and conversation.is_unread and not self.user.is_staff and self.may(Permission.MARK_READ):
            services.mark_read(
                self.acting_scope(conversation.organization_id), by=self.user, conversation_id=conversation.pk, now=self.now, seen=seen
            )  # fmt: skip

    def described_conversation(self, conversation: Conversation, contact: Contact, found: Beside) -> dict[str, Any]:
        page = thread.page(contact, before=inbox_asked.place_of(self.request.GET, "older"))
        replies = thread.replies(contact, self.user)
        may = {name: self.may(permission, contact.organization_id) for name, permission in MAY.items()}
        sorted_mail = next((mail for mail in page.messages if mail.direction == Direction.IN), None)
        answered = next((mail for mail in page.messages if mail.direction == Direction.OUT and mail.campaign_id), None)
        category = conversation.category or ""
        zone = self.user.zone()
        theirs = contact_zone(found.time_zone, answered.campaign if answered else None)
        return {
            "title": contact.name or contact.email,
            "open": conversation,
            "contact": contact,
            "mails": [self.mail(mail, place) for place, mail in enumerate(page.messages)],
            "older": inbox_asked.address(self.asked, conversation.pk, older=page.next) if page.next else "",
            "is_older": "older" in self.request.GET,
            "replies": [self.reply(row, theirs) for row in replies.rows],
            "draft_text": replies.draft.text if replies.draft else "",
            "sender": sender_of(contact) if may["reply"] else None,
            "beside": found,
            "engagement": engagement_words.shown(engagement_of(contact, now=self.now)),
            "colleagues": [person for person in found.team if person["id"] != str(self.user.pk)],
            "is_agencys": self.is_agencys(conversation, found),
            "snippets": self.snippets(found, contact) if may["reply"] else [],
            "may": may,
            "why": self.why(sorted_mail),
            "categories": category_words.choices(category, getattr(sorted_mail, "sorted_between", None) or []),
            "step": answered,
            "next_step": next_step(contact, now=self.now.astimezone(zone)),
            "suggestion": SUGGESTIONS.get(category, ""),
            "suggests_block": category in SUPPRESSES and not found.suppressions,
            "done_reason": DONE_REASONS.get(conversation.done_reason, ""),
            "is_settled": LANE_OF_CATEGORY.get(category) == "done",
            "is_snoozed": conversation.state == "snoozed"
            and conversation.snoozed_until is not None
            and conversation.snoozed_until > self.now,
            "reason_of_category": category if category in REASONS else DoneReason.OTHER.value,
            "draft_reason": shown(replies.draft.reason) if replies.draft and replies.draft.reason else "",
            "zones": contact_zone_words.choices(theirs, zone, chosen=self.request.POST.get("zone", "")),
            "undo_times": UNDO_TIMES,
            "undo_seconds": UNDO_SECONDS,
            "snoozes": SNOOZES,
            "here": inbox_asked.address(self.asked, conversation.pk),
            "pane_address": inbox_asked.address(self.asked, conversation.pk, older=self.request.GET.get("older", "")),
            "after": self.after(conversation.pk),
        }

    def after(self, id: UUID) -> str:
        """Return the address to redirect to after a form that moves the conversation out of its lane: the list."""
        return inbox_asked.address(self.asked)

    def is_agencys(self, conversation: Conversation, found: Beside) -> bool:
        """Return whether the assignee is one of the agency's people, whom the organization's people do not see by name."""
        whose = str(conversation.assignee_id or "")
        return bool(whose) and whose not in [str(self.user.pk), *(person["id"] for person in found.team)]

    def mail(self, mail: Message, place: int) -> dict[str, Any]:
        """Return a mail for the template: the latest and those by people open, sequence steps and automatic mails folded."""
        is_received = mail.direction == Direction.IN
        text = mail.reply_text or mail.body_text or ""
        is_open = (
            place == 0 or (is_received and not mail.is_auto_reply) or (not is_received and mail.campaign_id is None)
        )
        is_cut = bool(mail.reply_text and mail.body_text and len(mail.body_text.strip()) > len(mail.reply_text.strip()))
        return {
            "mail": mail, "is_received": is_received, "text": text[:MAX_TEXT], "is_open": is_open, "is_cut": is_cut, **written_by(mail),
        }  # fmt: skip

    def reply(self, row: OutboxMessage, theirs: ContactZone | None) -> dict[str, Any]:
        later = row.send_at if row.state == OutboxState.QUEUED else None
        is_scheduled = later is not None and later - self.now > UNDO_BAR
        return {
            "row": row,
            "state": REPLY_STATES.get(row.state, row.state),
            "tone": REPLY_TONES.get(row.state, ""),
            "is_scheduled": is_scheduled,
            "for_them": contact_zone_words.for_them(later, theirs, self.user.zone()) if later and is_scheduled else "",
            "reason": shown(row.reason) if row.reason else "",
        }

    def snippets(self, found: Beside, contact: Contact) -> list[dict[str, str]]:
        """Return the snippets with the contact's values; a variable without a value stays in braces, for a person to fill in."""
        made = []
        for snippet in found.snippets:
            try:
                text = filled(snippet["text"], contact)
            except Refusal:
                text = snippet["text"]
            made.append({"name": snippet["name"], "text": text})
        return made

    def why(self, mail: Message | None) -> dict[str, Any] | None:
        """Return why the latest received mail has its category: the rule or model, and the words that decided."""
        row: Any = mail
        if row is None or not row.category:
            return None
        because = row.sorted_because or {}
        quote = because.get("quote") or because.get("sentence") or ""
        return {
            "by": SORTED_BY.get(row.sorted_by, ""),
            "quote": quote,
            "words": ", ".join(because.get("words") or []),
            "by_model": row.sorted_by == Source.MODEL,
        }
