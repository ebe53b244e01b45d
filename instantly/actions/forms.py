"""Django forms for the input of staff actions, with every check that is possible without Instantly."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.choices import Provider
from accounts.models import Organization, ProviderConnection
from instantly.actions.lead_lists import UnreadableRow, read_leads
from instantly.timezones import TIMEZONES
from salesbrain.kernel.addresses import canonical_or_none
from salesbrain.kernel.csv_tables import UnreadableTable

LEADS_AT_ONCE = 5000
DOUBTS_SHOWN = 100
DAYS = [
    (str(number), name)
    for number, name in enumerate((_("Sun"), _("Mon"), _("Tue"), _("Wed"), _("Thu"), _("Fri"), _("Sat")))
]
WIDE = {"class": "vLargeTextField", "rows": 8}


class ActionForm(forms.Form):
    """Base form of a staff action: confirmation only. `rows`: the rows chosen in the list. `for_one`: the action takes exactly one row;
    `names_target`: it takes none, the form has a field for the target.
    """

    for_one = False
    names_target = False

    def __init__(self, *args: Any, rows: Sequence[Any] = (), **kwargs: Any) -> None:
        self.rows = rows
        super().__init__(*args, **kwargs)

    def arguments(self) -> dict[str, Any]:
        """Return the JSON stored in StaffAction.arguments."""
        return {}


def _addresses(text: str) -> list[str]:
    given = text.replace(",", " ").replace(";", " ").split()
    found = {address: canonical_or_none(address) for address in given}
    if wrong := [address for address in given if found[address] is None]:
        raise forms.ValidationError(gettext("No addresses: %(given)s.") % {"given": ", ".join(wrong[:5])})
    return [address for address in dict.fromkeys(found.values()) if address]


class CreateForm(ActionForm):
    names_target = True
    connection = forms.ModelChoiceField(
        ProviderConnection.objects.active().filter(provider=Provider.INSTANTLY).defer("api_key", "raw"),
        label=_("Connection"),
        help_text=_("In a shared workspace the campaign is the house's until you assign it."),
    )
    name = forms.CharField(max_length=200, label=_("Name"))
    daily_limit = forms.IntegerField(
        required=False, min_value=1, max_value=1_000_000, label=_("Daily limit"), help_text=_("Emails a day.")
    )
    days = forms.MultipleChoiceField(
        choices=DAYS, initial=["1", "2", "3", "4", "5"], widget=forms.CheckboxSelectMultiple, label=_("Sends on")
    )
    begins = forms.TimeField(initial="09:00", label=_("From"), widget=forms.TimeInput(attrs={"type": "time"}))
    ends = forms.TimeField(initial="17:00", label=_("To"), widget=forms.TimeInput(attrs={"type": "time"}))
    timezone = forms.ChoiceField(
        choices=[(name, name) for name in sorted(TIMEZONES)],
        initial="Europe/Belgrade",
        label=_("Time zone"),
        help_text=_("Instantly's own list: for Berlin, Vienna and Zurich take Europe/Belgrade, the same time."),
    )
    senders = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs=WIDE | {"rows": 3}),
        label=_("Sends from"),
        help_text=_("Addresses."),
    )

    def clean_senders(self) -> list[str]:
        return _addresses(self.cleaned_data["senders"])

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("begins") and given.get("ends") and given["begins"] >= given["ends"]:
            self.add_error("ends", gettext("It must end after it begins."))
        return given

    def arguments(self) -> dict[str, Any]:
        given = self.cleaned_data
        timing = {"from": f"{given['begins']:%H:%M}", "to": f"{given['ends']:%H:%M}"}
        days = dict.fromkeys(given["days"], True)
        schedule = {"name": "Schedule", "timing": timing, "days": days, "timezone": given["timezone"]}
        fields = {"daily_limit": given["daily_limit"], "email_list": given["senders"]}
        return {
            "name": given["name"],
            "schedule": {"schedules": [schedule]},
            "fields": {name: value for name, value in fields.items() if value},
        }


class ChangeForm(ActionForm):
    LEAVE = [("", _("Leave as it is")), ("on", _("On")), ("off", _("Off"))]

    name = forms.CharField(required=False, max_length=200, label=_("Name"))
    daily_limit = forms.IntegerField(
        required=False, min_value=1, max_value=1_000_000, label=_("Daily limit"), help_text=_("Emails a day.")
    )
    open_tracking = forms.ChoiceField(choices=LEAVE, required=False, label=_("Open tracking"))
    link_tracking = forms.ChoiceField(choices=LEAVE, required=False, label=_("Link tracking"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if len(self.rows) == 1:
            self.fields["name"].widget.attrs["placeholder"] = str(self.rows[0])
        else:
            del self.fields["name"]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if not self.errors and not any(given.values()):
            raise forms.ValidationError(gettext("Say what to change."))
        return given

    def arguments(self) -> dict[str, Any]:
        given = {name: value for name, value in self.cleaned_data.items() if value}
        return {name: {"on": True, "off": False}.get(value, value) for name, value in given.items()}


class DuplicateForm(ActionForm):
    for_one = True
    name = forms.CharField(max_length=200, label=_("Name"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].initial = gettext("%(name)s (copy)") % {"name": self.rows[0]}

    def arguments(self) -> dict[str, Any]:
        return dict(self.cleaned_data)


class AssignForm(ActionForm):
    organization = forms.ModelChoiceField(
        Organization.objects.filter(is_active=True).order_by("is_house", "name"),
        label=_("Organization"),
        help_text=_("A campaign goes with all its contacts, messages, events and figures. House: nobody's yet."),
    )

    def clean_organization(self) -> Organization:
        to: Organization = self.cleaned_data["organization"]
        fixed = [
            str(row) for row in self.rows if row.connection.organization_id not in (None, to.pk)
        ]  # the job would say so too, one by one
        if fixed:
            raise forms.ValidationError(
                gettext(
                    "In a workspace dedicated to another organization: %(rows)s. Only what is in a shared one can be assigned."
                )
                % {"rows": ", ".join(fixed[:5])}
            )
        return to

    def arguments(self) -> dict[str, Any]:
        return {"organization_id": str(self.cleaned_data["organization"].pk)}


class OwnPageForm(ActionForm):
    """Form of an action that pages of its own ask for (assignment, promotion); it is not filled in."""

    names_target = True


class LeadsForm(ActionForm):
    for_one = True
    text = forms.CharField(
        required=False,
        strip=False,  # lines are counted
        widget=forms.Textarea(attrs=WIDE),
        label=_("Leads"),
        help_text=_(
            "One address a line; or a table with a heading: email, first_name, last_name, company_name, job_title, phone, website, "
            "personalization. Any other column is a custom variable. Separated by comma, semicolon or tab."
        ),
    )
    file = forms.FileField(required=False, label=_("or a CSV file"), help_text=_("UTF-8, 5,000 leads at most."))
    dry_run = forms.BooleanField(
        required=False, initial=True, label=_("Dry run"), help_text=_("Say what would become of them; send nothing.")
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        text = given.get("text") or ""
        if given.get("file"):
            try:
                text = given["file"].read(12_000_000).decode("utf-8-sig")
            except UnicodeDecodeError:
                raise forms.ValidationError(gettext("The file is not UTF-8: save it as CSV UTF-8.")) from None
        try:
            found = read_leads(text)
        except UnreadableTable as error:
            raise forms.ValidationError(str(error)) from error
        if found.doubts:
            raise forms.ValidationError(_named(found.doubts))
        given["leads"], given["lines"] = found.leads, found.lines
        if not given["leads"]:
            raise forms.ValidationError(gettext("Give leads as text or as a file."))
        if len(given["leads"]) > LEADS_AT_ONCE:
            too_many = gettext("%(count)s leads are too many: give %(most)s at once.")
            raise forms.ValidationError(too_many % {"count": f"{len(given['leads']):,}", "most": f"{LEADS_AT_ONCE:,}"})
        return given

    def arguments(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in ("leads", "lines", "dry_run")}


def _named(doubts: Sequence[UnreadableRow]) -> list[str]:
    """Return a sentence for each unreadable row of a list; nothing is sent until all are corrected."""
    left = len(doubts) - DOUBTS_SHOWN
    more = [gettext("… and %(count)s more lines.") % {"count": left}] if left > 0 else []
    return [gettext("Nothing was taken. Put these lines right:"), *map(str, doubts[:DOUBTS_SHOWN]), *more]


class LeadDeleteForm(ActionForm):
    for_one = True
    lead = forms.CharField(max_length=320, label=_("Address"), help_text=_("Or Instantly's id of the lead."))

    def arguments(self) -> dict[str, Any]:
        return dict(self.cleaned_data)
