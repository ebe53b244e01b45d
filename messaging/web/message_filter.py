"""Filter form of the message list."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from messaging.choices import Direction
from messaging.web import words
from messaging.web.day_filter import day_field
from messaging.web.row_links import MAILS

DIRECTIONS = (("", _("Sent and received")), (Direction.OUT, _("Sent")), (Direction.IN, _("Received")))
SEARCHED = {"query", "direction", "campaign", "since", "until"}
"""Filters that the search itself applies."""


class MessageFilter(forms.Form):
    query = forms.CharField(
        label=_("Words, names, addresses"), max_length=200, required=False, widget=forms.TextInput({"type": "search"})
    )
    direction = forms.ChoiceField(label=_("Direction"), choices=DIRECTIONS, required=False)
    status = forms.ChoiceField(label=_("Status"), required=False)
    since = day_field(_("From (UTC)"))
    until = day_field(_("To (UTC)"))
    campaign = forms.UUIDField(required=False, widget=forms.HiddenInput, label=_("Campaign"))
    account = forms.CharField(required=False, widget=forms.HiddenInput, label=_("Email account"), max_length=300)
    figure = forms.ChoiceField(
        label=_("Figure"), choices=[(name, name) for name in MAILS], required=False, widget=forms.HiddenInput
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["query"].widget.attrs["placeholder"] = self.fields["query"].label
        self.fields["status"].choices = [("", _("Any status")), *words.MESSAGE_STATUS.items()]  # type: ignore[attr-defined]
