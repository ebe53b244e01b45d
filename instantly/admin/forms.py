"""Forms of staff actions. Everything that can be checked without Instantly is checked here."""

import csv
import io
from collections.abc import Sequence
from typing import Any

from django import forms

from accounts.choices import Provider
from accounts.models import Organization, ProviderConnection
from instantly.actions.leads import ADDRESS
from instantly.choices import ActionKind
from instantly.schemas import NewLead
from instantly.timezones import TIMEZONES

LEADS_AT_ONCE = 5000
DAYS = [(str(number), name) for number, name in enumerate(("Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"))]
WIDE = {"class": "vLargeTextField", "rows": 8}


class ActionForm(forms.Form):
    """Nothing but "yes". `for_one`: makes sense for exactly one row; `rows` are those chosen."""

    for_one = False

    def __init__(self, *args: Any, rows: Sequence[Any] = (), **kwargs: Any) -> None:
        self.rows = rows
        super().__init__(*args, **kwargs)

    def arguments(self) -> dict[str, Any]:
        """Return what StaffAction.arguments holds."""
        return {}


def _addresses(text: str) -> list[str]:
    found = [address.lower() for address in text.replace(",", " ").replace(";", " ").split()]
    wrong = [address for address in found if not ADDRESS.fullmatch(address)]
    if wrong:
        raise forms.ValidationError(f"No addresses: {', '.join(wrong[:5])}.")
    return found


class CreateForm(ActionForm):
    connection = forms.ModelChoiceField(
        ProviderConnection.objects.active().filter(provider=Provider.INSTANTLY).defer("api_key", "raw"),
        help_text="In a shared workspace the campaign is the house's until you assign it.",
    )
    name = forms.CharField(max_length=200)
    daily_limit = forms.IntegerField(required=False, min_value=1, max_value=1_000_000, help_text="Emails a day.")
    days = forms.MultipleChoiceField(
        choices=DAYS, initial=["1", "2", "3", "4", "5"], widget=forms.CheckboxSelectMultiple, label="Sends on"
    )
    begins = forms.TimeField(initial="09:00", label="From", widget=forms.TimeInput(attrs={"type": "time"}))
    ends = forms.TimeField(initial="17:00", label="To", widget=forms.TimeInput(attrs={"type": "time"}))
    timezone = forms.ChoiceField(
        choices=[(name, name) for name in sorted(TIMEZONES)],
        initial="Europe/Belgrade",
        help_text="Instantly's own list: for Berlin, Vienna and Zurich take Europe/Belgrade, the same time.",
    )
    senders = forms.CharField(
        required=False, widget=forms.Textarea(attrs=WIDE | {"rows": 3}), label="Sends from", help_text="Addresses."
    )

    def clean_senders(self) -> list[str]:
        return _addresses(self.cleaned_data["senders"])

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("begins") and given.get("ends") and given["begins"] >= given["ends"]:
            self.add_error("ends", "It must end after it begins.")
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
    LEAVE = [("", "Leave as it is"), ("on", "On"), ("off", "Off")]

    name = forms.CharField(required=False, max_length=200)
    daily_limit = forms.IntegerField(required=False, min_value=1, max_value=1_000_000, help_text="Emails a day.")
    open_tracking = forms.ChoiceField(choices=LEAVE, required=False)
    link_tracking = forms.ChoiceField(choices=LEAVE, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if len(self.rows) == 1:
            self.fields["name"].widget.attrs["placeholder"] = str(self.rows[0])
        else:
            del self.fields["name"]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if not self.errors and not any(given.values()):
            raise forms.ValidationError("Say what to change.")
        return given

    def arguments(self) -> dict[str, Any]:
        given = {name: value for name, value in self.cleaned_data.items() if value}
        return {name: {"on": True, "off": False}.get(value, value) for name, value in given.items()}


class DuplicateForm(ActionForm):
    for_one = True
    name = forms.CharField(max_length=200)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].initial = f"{self.rows[0]} (copy)"

    def arguments(self) -> dict[str, Any]:
        return dict(self.cleaned_data)


class AssignForm(ActionForm):
    organization = forms.ModelChoiceField(
        Organization.objects.filter(is_active=True).order_by("is_house", "name"),
        help_text="A campaign goes with all its contacts, messages, events and figures. House: nobody's yet.",
    )

    def clean_organization(self) -> Organization:
        to: Organization = self.cleaned_data["organization"]
        fixed = [
            str(row) for row in self.rows if row.connection.organization_id not in (None, to.pk)
        ]  # the job would say so too, one by one
        if fixed:
            raise forms.ValidationError(
                f"In a workspace dedicated to another organization: {', '.join(fixed[:5])}. Only what is in a shared one can "
                "be assigned."
            )
        return to

    def arguments(self) -> dict[str, Any]:
        return {"organization_id": str(self.cleaned_data["organization"].pk)}


class LeadsForm(ActionForm):
    for_one = True
    text = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs=WIDE),
        label="Leads",
        help_text="One address a line; or a table with a heading: email, first_name, last_name, company_name, job_title, phone, "
        "website, personalization. Any other column is a custom variable. Separated by comma, semicolon or tab.",
    )
    file = forms.FileField(required=False, label="or a CSV file", help_text="UTF-8, 5,000 leads at most.")
    dry_run = forms.BooleanField(
        required=False, initial=True, label="Dry run", help_text="Say what would become of them; send nothing."
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        text = given.get("text") or ""
        if given.get("file"):
            try:
                text = given["file"].read(12_000_000).decode("utf-8-sig")
            except UnicodeDecodeError:
                raise forms.ValidationError("The file is not UTF-8: save it as CSV UTF-8.") from None
        given["leads"] = read_leads(text)
        if not given["leads"]:
            raise forms.ValidationError("Give leads as text or as a file.")
        if len(given["leads"]) > LEADS_AT_ONCE:
            raise forms.ValidationError(f"{len(given['leads']):,} leads are too many: give {LEADS_AT_ONCE:,} at once.")
        return given

    def arguments(self) -> dict[str, Any]:
        return {"leads": self.cleaned_data["leads"], "dry_run": self.cleaned_data["dry_run"]}


def read_leads(text: str) -> list[dict[str, Any]]:
    """Return the leads of a table with a heading, or of one address a line. Raises ValidationError without an email column."""
    lines = [line for line in text.replace("\0", "").splitlines() if line.strip()]
    if not lines:
        return []
    if "@" in lines[0]:
        return [{"email": line.strip()} for line in lines]
    separator = max(",;\t", key=lines[0].count)
    rows = csv.DictReader(io.StringIO("\n".join(lines)), delimiter=separator, restkey="", restval="")
    names = [name.strip() for name in rows.fieldnames or []]
    rows.fieldnames = [name.lower() if name.lower() in NewLead.model_fields else name for name in names]
    if "email" not in rows.fieldnames:
        raise forms.ValidationError(f"There is no column email; there are {', '.join(names[:10])}.")
    known = set(NewLead.model_fields) - {"custom_variables", "lt_interest_status", "assigned_to"}
    leads = []
    for row in rows:
        given = {name: value.strip() for name, value in row.items() if name and value and value.strip()}
        lead: dict[str, Any] = {name: value for name, value in given.items() if name in known}
        custom = {name: value for name, value in given.items() if name not in known}
        leads.append(lead | ({"custom_variables": custom} if custom else {}))
    return leads


class LeadDeleteForm(ActionForm):
    for_one = True
    lead = forms.CharField(max_length=320, label="Address", help_text="Or Instantly's id of the lead.")

    def arguments(self) -> dict[str, Any]:
        return dict(self.cleaned_data)


FORMS: dict[ActionKind, type[ActionForm]] = {
    ActionKind.CAMPAIGN_CREATE: CreateForm,
    ActionKind.CAMPAIGN_CHANGE: ChangeForm,
    ActionKind.CAMPAIGN_DUPLICATE: DuplicateForm,
    ActionKind.CAMPAIGN_ASSIGN: AssignForm,
    ActionKind.ACCOUNT_ASSIGN: AssignForm,
    ActionKind.LEADS_ADD: LeadsForm,
    ActionKind.LEAD_DELETE: LeadDeleteForm,
}
