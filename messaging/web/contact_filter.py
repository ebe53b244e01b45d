"""Filter form of the contact list."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from messaging.events import INTERESTS
from messaging.web import words
from messaging.web.day_filter import day_field
from messaging.web.row_links import PEOPLE

HAPPENED = (
    ("", _("Anything happened")), ("replied", _("Has replied")), ("meeting", _("Meeting booked")), ("bounced", _("Bounced")),
    ("unsubscribed", _("Unsubscribed")), ("complained", _("Reported as spam")), ("suppressed", _("Must not be written to")),
)  # fmt: skip


BANDS = ("A1", "A2", "A3", "B1", "B2", "B3", "C1", "C2", "C3", "1", "2", "3")


class ContactFilter(forms.Form):
    query = forms.CharField(
        label=_("Name, address or company"), max_length=200, required=False, widget=forms.TextInput({"type": "search"})
    )
    happened = forms.ChoiceField(label=_("What happened"), choices=HAPPENED, required=False)
    interest = forms.ChoiceField(label=_("Interest"), required=False)
    since = day_field(_("Last reply from"))
    until = day_field(_("to (UTC)"))
    band = forms.CharField(
        label=_("Score"), max_length=2, required=False, widget=forms.TextInput({"size": 4, "list": "bands"})
    )
    campaign = forms.UUIDField(label=_("Campaign"), required=False, widget=forms.HiddenInput)
    account = forms.CharField(label=_("Email account"), required=False, widget=forms.HiddenInput, max_length=300)
    figure = forms.ChoiceField(
        label=_("Figure"), choices=[(name, name) for name in PEOPLE], required=False, widget=forms.HiddenInput
    )
    counted_since = forms.DateField(label=_("First day (UTC)"), required=False, widget=forms.HiddenInput)
    counted_until = forms.DateField(label=_("Last day (UTC)"), required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("query", "band"):
            self.fields[name].widget.attrs["placeholder"] = self.fields[name].label
        self.fields["interest"].choices = [  # type: ignore[attr-defined]
            ("", _("Any interest")), *((str(kind), words.EVENTS[kind]) for kind in sorted(INTERESTS, key=list(words.EVENTS).index)),
        ]  # fmt: skip
