"""`/settings/snippets`: an organization's texts for replies; owners write them, everybody else reads."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.permissions import Permission, RoleTooLow, member_may
from accounts.refusals import Refusal
from accounts.web.settings_pages import SettingsView
from messaging.inbox import snippets
from messaging.inbox.refusals import SnippetThere, UnknownSnippet
from messaging.models import Contact, Snippet
from salesbrain.web import organizations

EXAMPLE = Contact(
    first_name="Robin", last_name="Sample", company="Sample GmbH", email="robin@sample.example", phone="+49 30 5550100",
    website="sample.example",
)  # fmt: skip
"""Example contact for previews, with a value for every variable."""

MOST_SHOWN = 500


class SnippetForm(forms.Form):
    """Form of name and text. The variables in braces are checked by the service, which the API uses too."""

    name = forms.CharField(label=_("Name"), max_length=snippets.LONGEST_NAME)
    text = forms.CharField(
        label=_("Text"), max_length=snippets.LONGEST_TEXT, strip=False, widget=forms.Textarea(attrs={"rows": 8})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = ", ".join(f"{{{name}}}" for name in snippets.VARIABLES)
        self.fields["text"].help_text = gettext("Filled in for each contact: %(variables)s") % {"variables": known}


class SnippetsView(SettingsView):
    """List with a form for a new snippet, or with `?edit=<id>` for one of them. A preview stores nothing."""

    template_name = "messaging/snippets.html"
    title = _("Snippets")
    section = "snippets"
    needs_organization = True

    def get(self, request: HttpRequest) -> HttpResponseBase:
        if not self.is_of_one:
            return self.render({"choose": True})
        edited = self.named(request.GET.get("edit", "")) if self.may_manage and "edit" in request.GET else None
        initial = {"name": edited.name, "text": edited.text} if edited else {}
        return self.show(SnippetForm(initial=initial), edited)

    def post(self, request: HttpRequest) -> HttpResponseBase:
        act = ACTIONS.get(request.POST.get("action", ""))
        if act is None:
            raise Http404
        if not self.is_of_one:
            messages.error(request, gettext("Snippets belong to one organization. Choose one at the top."))
            return redirect("snippets")
        if not self.may_manage:
            raise PermissionDenied(str(RoleTooLow(Permission.MANAGE_SNIPPETS)))
        return act(self)

    # --- actions ------------------------------------------------------------------------------------------------------

    def preview(self) -> HttpResponseBase:
        edited, form = self.asked()
        shown = ""
        if form.is_valid():
            try:
                shown = snippets.filled(form.cleaned_data["text"], EXAMPLE)
            except Refusal as refusal:
                form.add_error("text", str(refusal))
        return self.show(form, edited, preview=shown, status=400 if form.errors else 200)

    def save(self) -> HttpResponseBase:
        edited, form = self.asked()
        if not form.is_valid():
            return self.show(form, edited, status=400)
        given: dict[str, Any] = {"by": self.user(), "now": timezone.now(), **form.cleaned_data}
        assert self.scope is not None
        try:
            if edited:
                snippets.change_snippet(self.scope, snippet_id=edited.pk, **given)
            else:
                snippets.create_snippet(self.scope, **given)
        except Refusal as refusal:
            form.add_error("name" if isinstance(refusal, SnippetThere) else "text", str(refusal))
            return self.show(form, edited, status=400)
        messages.success(self.request, gettext("The snippet is saved."))
        return redirect("snippets")

    def delete(self) -> HttpResponseBase:
        assert self.scope is not None
        try:
            snippets.delete_snippet(
                self.scope, by=self.user(), snippet_id=self.key(self.request.POST.get("id", "")), now=timezone.now()
            )
        except UnknownSnippet:
            raise Http404 from None
        messages.success(self.request, gettext("The snippet is deleted."))
        return redirect("snippets")

    # --- what is shown ------------------------------------------------------------------------------------------------

    def asked(self) -> tuple[Snippet | None, SnippetForm]:
        """Return the snippet that the form changes, None for a new one, and the form as it was sent."""
        id = self.request.POST.get("id", "")
        return (self.named(id) if id else None), SnippetForm(self.request.POST)

    def show(
        self, form: SnippetForm, edited: Snippet | None, *, preview: str = "", status: int = 200
    ) -> HttpResponseBase:
        own = Snippet.objects.filter(organization=self.organization_id).order_by("name", "id")[:MOST_SHOWN]
        listed = [{"snippet": row, "preview": example_of(row.text)} for row in own]
        context = {
            "snippets": listed,
            "form": form,
            "edited": edited,
            "preview": preview,
            "may_manage": self.may_manage,
        }
        return self.render(context, status=status)

    def named(self, id: str) -> Snippet:
        row = Snippet.objects.filter(organization=self.organization_id, pk=self.key(id)).first()
        if row is None:
            raise Http404
        return row

    def key(self, text: str) -> UUID:
        key = organizations.parse(text)
        if key is None:
            raise Http404
        return key

    @property
    def organization_id(self) -> UUID:
        assert self.scope is not None and self.scope.organization_id is not None
        return self.scope.organization

    @property
    def is_of_one(self) -> bool:
        """Return whether the page shows one organization; False for staff who see all."""
        return self.scope is not None and self.scope.organization_id is not None

    @property
    def may_manage(self) -> bool:
        return self.scope is not None and member_may(self.scope.member_role, Permission.MANAGE_SNIPPETS)


ACTIONS: Mapping[str, Callable[[SnippetsView], HttpResponseBase]] = {
    "preview": SnippetsView.preview,
    "save": SnippetsView.save,
    "delete": SnippetsView.delete,
}


def example_of(text: str) -> str:
    """Return a text filled in for the example contact; a text with a variable of an earlier release is returned as it is."""
    try:
        return snippets.filled(text, EXAMPLE)
    except Refusal:
        return text
