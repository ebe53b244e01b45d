"""`/inbox`: page of the inbox: sections (lanes) with counts, a list, an open conversation beside it."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from accounts.permissions import Permission, member_may
from messaging.choices import Lane
from messaging.inbox import listing
from messaging.inbox.listing import ANSWERED_FIRST, Asked, Row
from messaging.querysets import CATEGORY_LANES
from messaging.web import inbox_asked, poll
from messaging.web.inbox_words import (
    EMPTY_LANES,
    NOTHING_HERE,
    REPLY_MARKS,
    REPLY_TONES,
    STILL_ARRIVING,
    feed_words,
    inbox_sentence,
)
from messaging.web.scoped import OutreachView
from salesbrain import rls

PART = "X-Part"
"""Header of a script that asks for the list or the conversation alone."""

UNSEEN = "X-Unseen"
"""Header of a script that fetches a conversation before somebody looks at it."""

PARTS: Mapping[str, str] = {"list": "messaging/inbox_list.html", "pane": "messaging/inbox_pane.html"}
SHORTCUTS: Sequence[tuple[str | Promise, str | Promise]] = (
    ("j / k", _("Next, previous conversation")), ("o", _("Open the conversation")), ("e", _("Done, then the next one")),
    ("r", _("Write a reply")),
    (_("Ctrl+Enter"), _("Send")), ("s", _("Snooze: fri, in 2 weeks, 1.3.")), ("l", _("Label")), ("a", _("Assign")), ("u", _("Mark unread")),
    ("c", _("Note")), ("b", _("Suppress the address")), ("y", _("Accept the next step")),
    ("x", _("Select: e, s, l and a are then for all selected ones")), ("z", _("Undo")), ("n / p", _("Next, previous lane")),
    ("g w", _("Waiting")), ("g u", _("Unsure")), ("/", _("Search")),
)  # fmt: skip
LANE_KEYS: Mapping[Lane, str] = {Lane.WAITING: "g w", Lane.UNSURE: "g u"}


class InboxBase(OutreachView):
    """Base of list and actions: the parsed query, and the scope in which a user acts."""

    navigation_name = "inbox"

    @property
    def asked(self) -> Asked:
        return inbox_asked.read(self.request.GET, user_id=self.user.pk)

    @property
    def user(self) -> Any:
        return self.request.user

    def acting_scope(self, organization_id: UUID) -> rls.Scope:
        """Return the scope for a change in an organization; staff who see all organizations change each with their role."""
        assert self.scope is not None and self.organization is not None
        if self.scope.organization_id is not None:
            return self.scope
        roles = {choice.id: choice.role for choice in self.organization.choices}
        return rls.customer(organization_id, roles.get(organization_id, ""))

    def may(self, permission: Permission, organization_id: UUID | None = None) -> bool:
        """Return whether the user has the permission in one organization or, for a list of all, in any."""
        whose = [organization_id] if organization_id else self.organizations
        return any(member_may(self.acting_scope(each).member_role, permission) for each in whose[:1])


class InboxView(InboxBase):
    """List of a lane. Staff see subjects without text: reading a text is audited, which the conversation's page does."""

    template_name = "messaging/inbox.html"
    title = _("Inbox")

    def get(self, request: HttpRequest) -> HttpResponseBase:
        return self.show({})

    def show(self, more: Mapping[str, Any], *, status: int = 200) -> HttpResponseBase:
        """Return the whole page or the part that a script asks for."""
        part = self.request.headers.get(PART, "")
        context = {**self.listed(more.get("open")), **more} if part != "pane" else {**self.asked_for(), **more}
        template = PARTS.get(part, self.template_name)
        return TemplateResponse(self.request, template, {**self.context(), **context}, status=status)

    def asked_for(self) -> dict[str, Any]:
        asked = self.asked
        query = urlencode(inbox_asked.values_of(asked))
        return {
            "asked": asked,
            "query": query,
            "suffix": f"?{query}" if query else "",
            "list_address": inbox_asked.address(asked, before=self.request.GET.get("before", "")),
            "back": inbox_asked.address(asked),
            "unnarrowed": inbox_asked.address(Asked(lane=asked.lane or Lane.NEEDS_REPLY)),
            "is_part": PART in self.request.headers,
            "is_staff": self.user.is_staff,
        }

    def listed(self, open: Any = None) -> dict[str, Any]:
        asked, now = self.asked, self.now
        choices = listing.choices(
            self.organizations
        )  # first: an event of later than its position is news to whoever sees this list
        before = inbox_asked.place_of(self.request.GET, "before")
        keys = listing.keys(asked, self.organizations, now=now, before=before, limit=listing.PAGE + 1)
        rows = listing.rows(keys[: listing.PAGE], texts=not self.user.is_staff, reader=self.user.pk)
        counts = listing.counts(self.organizations, now=now)
        facts = self.facts
        is_arriving = facts is not None and facts.first_sync is not None
        assert self.organization is not None
        lanes = [
            {"lane": lane, "label": lane.label, "count": counts[lane], "address": inbox_asked.lane_address(asked, lane),
             "is_current": lane == asked.lane, "key": LANE_KEYS.get(lane, "")}
            for lane in Lane
        ]  # fmt: skip
        elsewhere = [
            each for lane, each in zip(Lane, lanes, strict=True) if lane in ANSWERED_FIRST and counts[lane].count
        ]
        is_elsewhere = bool(elsewhere) and asked.lane == Lane.NEEDS_REPLY
        nothing = NOTHING_HERE if is_elsewhere else EMPTY_LANES.get(asked.lane, NOTHING_HERE)
        return {
            **self.asked_for(),
            "rows": [self.described(row) for row in rows],
            "lanes": lanes,
            "elsewhere": elsewhere,
            "count": counts[asked.lane] if asked.lane else None,
            "is_of_one_category": asked.lane in CATEGORY_LANES,
            "next": inbox_asked.address(asked, open.pk if open else None, before=rows[-1].place)
            if len(keys) > listing.PAGE
            else "",
            "first": inbox_asked.address(asked) if before else "",
            "sentence": "" if is_arriving else inbox_sentence(counts, now),
            "empty": STILL_ARRIVING if is_arriving else nothing,
            "facts_words": feed_words(facts, now) if facts else "",
            "labels": choices.labels,
            "team": choices.team,
            "caretakers": [person for person in choices.team if person["role"] != "observer"],
            "may_assign": self.may(Permission.ASSIGN),
            "poll": poll.address(self.user, self.organization),
            "position": choices.position,
            "shortcuts": SHORTCUTS,
            "may_change": self.may(Permission.SNOOZE),
            "prefetches": not self.user.is_staff,
            "marks_read": not self.user.is_staff and self.may(Permission.MARK_READ),
            "undo": self.request.GET.get("undo", ""),
        }  # fmt: skip

    def described(self, row: Row) -> dict[str, Any]:
        return {
            "row": row,
            "address": inbox_asked.address(self.asked, row.id),
            "assignee": (row.assignee or _("Agency")) if row.assignee_id else "",
            "reply": REPLY_MARKS.get(row.reply, ""),
            "reply_tone": REPLY_TONES.get(row.reply, ""),
        }
