"""Exceptions for refused changes of teams and links: a sentence for people, a code for programs."""

from typing import ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Refusal(Exception):
    """Base of errors after which nothing was changed; `str()` is the sentence to show, in the language of the request."""

    sentence: ClassVar[str | Promise]

    def __str__(self) -> str:
        return str(self.sentence)


class AlreadyMember(Refusal):
    sentence = _("This person is in the team already. Change their role there.")


class AlreadyInvited(Refusal):
    sentence = _("This address has an open invitation. Send it again, or revoke it first.")


class LastOwner(Refusal):
    sentence = _("This is the last owner of the organization. Make somebody else an owner first.")


class UnknownMember(Refusal):
    """Error: no member of this organization has this id; the response for another organization's member is the same."""

    sentence = _("There is no such person in this team.")


class UnknownInvitation(Refusal):
    """Error: no open invitation of this organization has this id; the response for another organization's is the same."""

    sentence = _("There is no such open invitation. It may have been accepted or revoked.")


class InvalidLink(Refusal):
    """Error: the link is unknown, wrong, used, revoked or expired: one response for all, so that guessing reveals nothing."""

    sentence = _("This link is not valid any more. It works once and for 72 hours. Ask for a new one.")


class LoginNeeded(Refusal):
    """Error: the invited address belongs to an existing user, who must log in before accepting."""

    sentence = _("This address has a user already. Log in, then open the link again.")


class WrongUser(Refusal):
    sentence = _("This invitation is for another address. Log out, then open the link again.")


class StaffNeedNoInvitation(Refusal):
    sentence = _("The agency's staff see every organization and need no invitation.")


class TooManyMails(Refusal):
    sentence = _("Too many mails went to this address or were asked for from this network. Try again in an hour.")
