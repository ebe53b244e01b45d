"""Exceptions for refused changes of conversations and replies, each with a sentence for the user."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.refusals import Refusal
from salesbrain.kernel.messages import Message, shown


class UnknownConversation(Refusal):
    """Error: no conversation of this organization has this id; the response for another organization's is the same."""

    sentence = _("There is no such conversation.")


class SnoozeInThePast(Refusal):
    sentence = _("A snooze ends in the future. Choose a later time.")


class InvalidReason(Refusal):
    """Error: a person chose a closing reason that only events set (unsubscribed, complained, moved)."""

    sentence = _("This reason cannot be chosen. Choose another one.")


class InvalidLabel(Refusal):
    sentence = _("A label has 1 to 50 characters.")


class InvalidNote(Refusal):
    sentence = _("A note has 1 to 10,000 characters.")


class InvalidAssignee(Refusal):
    """Not a person of the organization or the agency, or one who only reads, such as an observer."""

    sentence = _(
        "Only somebody who may answer can take care of a conversation: members and owners of its organization, operators and admins of the "
        "agency."
    )


class InvalidReply(Refusal):
    sentence = _("A reply has 1 to 50,000 characters.")


class InvalidCc(Refusal):
    """Error: a CC address cannot be sent to; `address`: as it was typed."""

    sentence = _("Up to 20 people can get a copy.")

    def __init__(self, address: str = "") -> None:
        self.address = address
        super().__init__(address)

    def __str__(self) -> str:
        if not self.address:
            return str(self.sentence)
        return gettext("%(address)s is no address that a copy can be sent to.") % {"address": self.address}


class InvalidSendTime(Refusal):
    sentence = _("A reply can be sent at a time in the next 365 days.")


class InvalidUndo(Refusal):
    sentence = _("A reply can be taken back for 5 to 120 seconds.")


class NoEarlierReply(Refusal):
    sentence = _("No earlier reply is like this one any more. Write your own.")


class KeyOfAnother(Refusal):
    sentence = _("This Idempotency-Key was used for another reply: use a new key.")


class UnknownReply(Refusal):
    """Error: no reply of this organization has this id; the response for another organization's is the same."""

    sentence = _("There is no such reply.")


class CannotRetry(Refusal):
    sentence = _("Only a reply that was not sent can be sent again.")


class NothingToDecide(Refusal):
    sentence = _("It is known by now whether this reply was sent.")


class CannotSend(Refusal):
    """Error: no reply can be sent. `reason` is a stored sentence; `str()` translates it into the language of the request."""

    sentence = _("This reply cannot be sent.")

    def __init__(self, reason: Message) -> None:
        self.reason = reason
        super().__init__(reason)

    def __str__(self) -> str:
        return shown(self.reason)


NewerKind = Literal["mail", "reply", "on_the_way", "change"]


@dataclass(frozen=True, slots=True)
class Newer:
    """Latest change of a conversation since the author of a reply loaded it: a received mail, a colleague's reply (also a queued one),
    or a new state. `version`: the conversation's current one; sending again with it confirms the reply."""

    kind: NewerKind
    who: str
    at: datetime
    excerpt: str
    version: int
    message_id: str = ""


class NewerMail(Refusal):
    """Error: the author has not seen the change `newer`, so the reply was not queued."""

    sentence = _("There is something new in this conversation. Read it, then send your reply.")
    sentences = {
        "mail": _("%(who)s wrote meanwhile. Read it, then send your reply."),
        "reply": _("%(who)s replied meanwhile. Read it, then send yours if it is still needed."),
        "on_the_way": _("A reply by %(who)s is on its way already. Read it, then send yours if it is still needed."),
        "change": _("%(who)s changed this conversation meanwhile. Look at it, then send your reply."),
    }

    def __init__(self, newer: Newer) -> None:
        self.newer = newer
        super().__init__(newer)

    def __str__(self) -> str:
        if not self.newer.who:  # a rule of ours
            return str(self.sentence)
        return str(self.sentences[self.newer.kind]) % {"who": self.newer.who}


class InvalidSnippet(Refusal):
    sentence = _("A snippet has a name of 1 to 80 characters and a text of 1 to 20,000.")


class SnippetThere(Refusal):
    sentence = _("There is a snippet of this name already. Choose another name.")


class UnknownSnippet(Refusal):
    """Error: no snippet of this organization has this id; the response for another organization's is the same."""

    sentence = _("There is no such snippet.")


class UnknownVariable(Refusal):
    """Error: a snippet contains texts in braces (`names`) that are not variables; `known`: the existing variables."""

    sentence = _("There is no such variable.")

    def __init__(self, names: list[str], known: list[str]) -> None:
        self.names, self.known = names, known
        super().__init__(names)

    def __str__(self) -> str:
        return gettext("There is no variable %(names)s. There are: %(known)s.") % {
            "names": ", ".join(f"{{{name}}}" for name in self.names),
            "known": ", ".join(f"{{{name}}}" for name in self.known),
        }


class EmptyVariable(Refusal):
    """Error: the contact has no value for the variables `names`."""

    sentence = _("Something is not known of this contact.")

    def __init__(self, names: list[str]) -> None:
        self.names = names
        super().__init__(names)

    def __str__(self) -> str:
        return gettext("This contact has no %(names)s. Write these parts by hand.") % {
            "names": ", ".join(f"{{{name}}}" for name in self.names)
        }
