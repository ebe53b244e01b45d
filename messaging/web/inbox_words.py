"""Texts of the inbox page: headline, reasons for a category, states of replies, results of actions."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from messaging.choices import Direction, DoneReason, Lane, MessageKind, OutboxState
from messaging.events import AI_AGENT_EMAIL_SENT
from messaging.inbox.bulk import Outcome
from messaging.inbox.feed_facts import FeedFacts
from messaging.inbox.listing import ANSWERED_FIRST, LaneCount
from salesbrain.web.figures import day, number

SORTED_BY: Mapping[str, str | Promise] = {
    "staff": _("sorted by a person"),
    "fact": _("from what happened: an unsubscribe, a complaint or an absence note"),
    "rule": _("from its words, by a rule"),
    "model": _("likeliest by its words"),
}
SUGGESTIONS: Mapping[str, str | Promise] = {
    "unsubscribe": _("This person asks not to be written to again. Suppress the address, then close the conversation."),
    "complaint": _("This is a complaint. Suppress the address, then answer or close the conversation."),
    "not_interested": _("This person is not interested: close the conversation."),
    "wrong_person": _("This is the wrong person: ask for the right one, or close the conversation."),
    "left_company": _("This person has left the company: close the conversation."),
}
SUPPRESSES = ("unsubscribe", "complaint")
REPLY_STATES: Mapping[str, str | Promise] = {
    OutboxState.QUEUED: _("Waiting to be sent"),
    OutboxState.SENDING: _("Being sent"),
    OutboxState.SENT: _("Sent"),
    OutboxState.FAILED: _("Not sent"),
    OutboxState.UNKNOWN: _("Sent? Nobody knows yet"),
}
REPLY_MARKS: Mapping[str, str | Promise] = {
    OutboxState.FAILED: _("Reply not sent"),
    OutboxState.UNKNOWN: _("Reply sent?"),
    OutboxState.SENDING: _("Reply on its way"),
    OutboxState.QUEUED: _("Reply on its way"),
    OutboxState.DRAFT: _("Draft"),
}
"""Marks of a list's rows, by the state of our reply."""

REPLY_TONES: Mapping[str, str] = {OutboxState.FAILED: "bad", OutboxState.UNKNOWN: "warn", OutboxState.SENT: "good"}
DONE_REASONS: Mapping[str, str | Promise] = {reason.value: reason.label for reason in DoneReason}
SNOOZES: Sequence[tuple[str, str | Promise]] = (
    ("tomorrow", _("Tomorrow")), ("mon", _("Monday")), ("in 2 weeks", _("In 2 weeks")),
)  # fmt: skip
"""Choices beside the snooze field: value sent, and label."""

EMPTY_LANES: Mapping[Lane | None, str | Promise] = {
    Lane.NEEDS_REPLY: _("Nobody waits for an answer. New replies appear here by themselves."),
    Lane.UNSURE: _("Every reply was sorted without doubt."),
    Lane.WAITING: _("You wait for nobody: here are people you answered who have not written since."),
    Lane.SNOOZED: _("Nothing is put off."),
    Lane.DONE: _("Nothing is done yet."),
    Lane.UNTRACKED: _("Mails that belong to no campaign appear here."),
}
NOTHING_HERE = _("Nothing is in this lane.")
STILL_ARRIVING = _("Replies appear here as they arrive.")


def inbox_sentence(counts: Mapping[Lane, LaneCount], now: datetime) -> str:
    """Return "12 replies to answer, the oldest for 3 h: 3 want a meeting."."""
    waiting = [counts[lane] for lane in ANSWERED_FIRST]
    total = sum(each.count for each in waiting)
    if not total:
        return gettext("Nobody waits for an answer.")
    more = any(each.is_more for each in waiting)
    sentence = ngettext("%(count)s reply to answer", "%(count)s replies to answer", total) % {
        "count": number(total) + ("+" if more else "")
    }
    oldest = min((each.oldest for each in waiting if each.oldest), default=None)
    if oldest is not None:
        sentence += gettext(", the oldest for %(age)s") % {"age": span(now - oldest)}
    meeting, question = counts[Lane.MEETING].count, counts[Lane.QUESTION].count
    parts = []
    if meeting:
        parts.append(
            ngettext("%(count)s wants a meeting", "%(count)s want a meeting", meeting) % {"count": number(meeting)}
        )
    if question:
        parts.append(ngettext("%(count)s question", "%(count)s questions", question) % {"count": number(question)})
    return f"{sentence}: {', '.join(parts)}." if parts else f"{sentence}."


def feed_words(facts: FeedFacts, now: datetime) -> str:
    """Return "Instantly last heard 40 s ago, complete since 3 March."."""
    if facts.heard_at is None:
        return gettext("%(provider)s has not delivered anything yet.") % {"provider": facts.provider}
    heard = gettext("%(provider)s last heard %(age)s ago") % {
        "provider": facts.provider,
        "age": span(now - facts.heard_at),
    }
    if facts.open_gaps:
        gaps = ngettext("%(count)s gap is being filled", "%(count)s gaps are being filled", facts.open_gaps)
        return f"{heard}, {gaps % {'count': facts.open_gaps}}."
    if facts.complete_since is None:
        return f"{heard}."
    return gettext("%(heard)s, complete since %(day)s.") % {"heard": heard, "day": day(facts.complete_since)}


def written_by(mail: Any) -> dict[str, Any]:
    """Return who wrote a mail that we sent by hand, as the thread shows it; `mail` is of `messaging.inbox.thread.page`.

    The provider names no person: for a mail that was not sent from here, the email account is returned.
    """
    if mail.direction != Direction.OUT or mail.kind != MessageKind.MANUAL:
        return {}
    account = mail.email_account or gettext("We")
    if mail.told_as == AI_AGENT_EMAIL_SENT:
        return {"author": account, "writer": gettext("Instantly's AI agent"), "is_agents": True}
    return {"author": mail.author or account, "writer": "" if mail.author else gettext("Not sent from Salesbrain")}


def span(length: timedelta) -> str:
    """Return a length of time in words: "40 s", "5 min", "3 h", "2 days"."""
    seconds = max(int(length.total_seconds()), 0)
    if seconds < 60:
        return gettext("%(seconds)s s") % {"seconds": seconds}
    if seconds < 3600:
        return gettext("%(minutes)s min") % {"minutes": seconds // 60}
    if seconds < 86400:
        return gettext("%(hours)s h") % {"hours": seconds // 3600}
    days = seconds // 86400
    return ngettext("%(days)s day", "%(days)s days", days) % {"days": days}


DID: Mapping[str, Callable[[int], str]] = {
    "done": lambda count: ngettext("%(count)s conversation done.", "%(count)s conversations done.", count) % {"count": number(count)},
    "reopen": lambda count: ngettext("%(count)s conversation open again.", "%(count)s conversations open again.", count)
    % {"count": number(count)},
    "snooze": lambda count: ngettext("%(count)s conversation snoozed.", "%(count)s conversations snoozed.", count)
    % {"count": number(count)},
    "unread": lambda count: ngettext("%(count)s conversation marked unread.", "%(count)s conversations marked unread.", count)
    % {"count": number(count)},
    "read": lambda count: ngettext("%(count)s conversation marked read.", "%(count)s conversations marked read.", count)
    % {"count": number(count)},
    "assign": lambda count: ngettext("%(count)s conversation assigned.", "%(count)s conversations assigned.", count)
    % {"count": number(count)},
    "label": lambda count: ngettext("%(count)s conversation labelled.", "%(count)s conversations labelled.", count)
    % {"count": number(count)},
    "unlabel": lambda count: ngettext("Label taken off %(count)s conversation.", "Label taken off %(count)s conversations.", count)
    % {"count": number(count)},
    "note": lambda count: gettext("Noted."),
    "categorize": lambda count: ngettext("%(count)s category corrected.", "%(count)s categories corrected.", count)
    % {"count": number(count)},
    "accept": lambda count: gettext("Accepted."),
    "dismiss": lambda count: gettext("Dismissed."),
    "block": lambda count: ngettext("%(count)s address suppressed.", "%(count)s addresses suppressed.", count) % {"count": number(count)},
}  # fmt: skip


def did(action: str, outcome: Outcome, left: int = 0) -> str:
    """Return the result of an action in a sentence or two; `left`: number of conversations beyond the limit of one request."""
    parts = [DID[action](outcome.changed)] if outcome.changed else []
    if outcome.unchanged:
        unchanged = outcome.unchanged
        parts.append(
            ngettext("%(count)s was so already.", "%(count)s were so already.", unchanged)
            % {"count": number(unchanged)}
        )
    if outcome.gone:
        parts.append(
            ngettext("%(count)s is not there any more.", "%(count)s are not there any more.", outcome.gone)
            % {"count": number(outcome.gone)}
        )
    if left:
        parts.append(
            ngettext("%(count)s is left: do it again.", "%(count)s are left: do it again.", left)
            % {"count": number(left)}
        )
    return " ".join(parts) or gettext("Nothing was changed.")
