"""Refusals of the inbox's services: one sentence for the person who asked."""

from django.utils.translation import gettext_lazy as _

from accounts.refusals import Refusal


class UnknownConversation(Refusal):
    """No conversation of this organization has this id; another organization's is answered alike."""

    sentence = _("There is no such conversation.")


class SnoozeInThePast(Refusal):
    sentence = _("A snooze ends in the future. Choose a later time.")


class NoReasonOfPeople(Refusal):
    """Unsubscribed, complained, moved: these follow from what happened and cannot be chosen."""

    sentence = _("This reason cannot be chosen. Choose another one.")


class UnfitLabel(Refusal):
    sentence = _("A label has 1 to 50 characters.")


class UnfitNote(Refusal):
    sentence = _("A note has 1 to 10,000 characters.")


class UnfitAssignee(Refusal):
    sentence = _("Only staff and members of the organization can take care of its conversations.")
