"""Admin page of suppressed addresses: enter, import from CSV, lift, restore."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import PermissionDenied
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounts.admin.base import MergedPaginator, StaffAdmin, read_only_fields
from accounts.models import Organization
from messaging import suppressions
from messaging.choices import SuppressionReason
from messaging.erasure import aliases
from messaging.models import Suppression
from salesbrain.kernel.addresses import NotAnAddress, canonical
from salesbrain.kernel.messages import shown

LIFTED_AT_ONCE = 5000


class InForceFilter(admin.SimpleListFilter):
    title = _("state")
    parameter_name = "in_force"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("1", str(_("In force"))), ("0", str(_("Lifted")))]

    def queryset(self, request: HttpRequest, queryset: Any) -> QuerySet[Suppression] | None:
        if self.value() == "1":
            return queryset.in_force()
        return queryset.filter(lifted_at__gte=F("last_at")) if self.value() == "0" else None


class SuppressionForm(forms.ModelForm):
    class Meta:
        model = Suppression
        fields = ["organization", "email", "detail", "lift_reason"]

    def clean_email(self) -> str:
        try:
            return canonical(self.cleaned_data["email"])
        except NotAnAddress as error:
            raise forms.ValidationError(shown(error)) from error

    def clean(self) -> dict[str, Any]:
        """Check uniqueness of address and reason, which Django does not do because the reason is not in the form."""
        data = super().clean() or {}
        if self.instance._state.adding and {"organization", "email"} <= data.keys():
            there = Suppression.objects.filter(
                organization=data["organization"], email=data["email"], reason=SuppressionReason.MANUAL
            )
            if aliases.aliases([(data["organization"].pk, data["email"])]):
                raise forms.ValidationError(
                    gettext("This person was erased from this organization. The address is refused already.")
                )
            if there.exists():
                raise forms.ValidationError(
                    gettext(
                        "This address is already entered for this organization. If its entry was lifted, clear the reason there."
                    )
                )
        return data


class ImportForm(forms.Form):
    organization = forms.ModelChoiceField(Organization.objects.none(), label=_("Organization"))
    file = forms.FileField(required=False, label=_("List"), help_text=_("A CSV with a column of addresses, or a text."))
    pasted = forms.CharField(
        required=False, widget=forms.Textarea(attrs={"rows": 6}), label=_("Or typed"), help_text=_("An address a line.")
    )
    reason = forms.CharField(
        max_length=500, label=_("Reason"), help_text=_("Why, for whoever looks later: “list of the old tool”.")
    )
    dry_run = forms.BooleanField(required=False, label=_("Only show what would be added"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["organization"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Organization.objects.order_by("name")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if bool(data.get("file")) == bool(data.get("pasted", "").strip()):
            raise forms.ValidationError(gettext("Choose a list, or type addresses: one of the two."))
        if data.get("file") and data["file"].size > suppressions.MAX_BYTES:
            raise forms.ValidationError(suppressions.too_large())
        return data

    @property
    def content(self) -> bytes:
        chosen = self.cleaned_data["file"]
        return chosen.read() if chosen else self.cleaned_data["pasted"].encode()


class LiftForm(forms.Form):
    reason = forms.CharField(
        max_length=500, label=_("Reason"), help_text=_("It stays with each entry, with your name and the time.")
    )


class SuppressionPaginator(MergedPaginator):
    order = ("email", "reason")


@admin.register(Suppression)
class SuppressionAdmin(StaffAdmin):
    """Admin of suppressions. A lifted row stays, and a later unsubscribe makes it active again."""

    form = SuppressionForm
    names_people = True
    change_list_template = "admin/suppressions.html"
    list_display = [
        "email", "organization", "reason", "in_force", "detail", "first_at", "last_at", "lifted_at", "lifted_by", "lift_reason",
    ]  # fmt: skip
    list_filter = [InForceFilter, "organization", "reason", "last_at"]
    list_select_related = ["organization"]
    search_fields = ["email__startswith"]
    autocomplete_fields = ["organization"]
    paginator = SuppressionPaginator
    sortable_by = ()
    actions = ["lift"]

    def get_urls(self) -> list[URLPattern]:
        imports = path("import/", self.admin_site.admin_view(self.import_view), name="messaging_suppression_import")
        return [imports, *super().get_urls()]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [*read_only_fields(Suppression)] if obj else ["organization", "email", "detail"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Make suppressions of erased people unchangeable: no address is left that could be written to."""
        if obj is None:
            return []
        return read_only_fields(Suppression, without=[] if obj.reason == SuppressionReason.ERASED else ["lift_reason"])

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Suppression, form: Any, change: bool) -> None:
        if not change:
            now = timezone.now()
            obj.reason, obj.first_at, obj.last_at = SuppressionReason.MANUAL, now, now
            obj.save()
        elif obj.lift_reason:
            suppressions.lift([obj], reason=obj.lift_reason, now=timezone.now(), actor=request.user)  # type: ignore[arg-type]  # staff are Users
        else:
            suppressions.restore([obj], actor=request.user)  # type: ignore[arg-type]

    @admin.action(description=_("Lift selected suppressions"), permissions=["change"])
    def lift(self, request: HttpRequest, queryset: QuerySet[Suppression]) -> HttpResponse | None:
        entries = list(queryset.in_force().exclude(reason=SuppressionReason.ERASED)[: LIFTED_AT_ONCE + 1])  # type: ignore[attr-defined]
        if len(entries) > LIFTED_AT_ONCE or not entries:
            most = {"most": f"{LIFTED_AT_ONCE:,}"}
            none = gettext("Choose %(most)s at most.") % most if entries else gettext("All of them are lifted already.")
            self.message_user(request, none, messages.ERROR)
            return None
        form = LiftForm(request.POST if "confirmed" in request.POST else None)
        if form.is_valid():
            reason = form.cleaned_data["reason"]
            lifted = suppressions.lift(entries, reason=reason, now=timezone.now(), actor=request.user)  # type: ignore[arg-type]
            words = ngettext(
                "%(count)s lifted. Who unsubscribes again is suppressed again.",
                "%(count)s lifted. Who unsubscribes again is suppressed again.",
                lifted,
            )
            self.message_user(request, words % {"count": lifted})
            return None
        across = request.POST.get("select_across") == "1"  # all that the list's filters leave, not the page's alone
        named = entries[:1] if across else entries
        context = {"form": form, "entries": entries, "named": named, "across": across, "checkbox": ACTION_CHECKBOX_NAME}
        title = ngettext("Lift %(count)s suppression", "Lift %(count)s suppressions", len(entries))
        return self._page(request, title % {"count": len(entries)}, context)

    def import_view(self, request: HttpRequest) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = ImportForm(*((request.POST, request.FILES) if request.method == "POST" else ()))
        report = None
        if request.method == "POST" and form.is_valid():
            try:
                report = suppressions.import_addresses(
                    form.cleaned_data["organization"],
                    form.content,
                    detail=form.cleaned_data["reason"],
                    now=timezone.now(),
                    actor=request.user,  # type: ignore[arg-type]
                    dry_run=form.cleaned_data["dry_run"],
                )
            except suppressions.Unreadable as error:
                form.add_error(None, str(error))
        if report and not report.dry_run:
            tone = messages.WARNING if report.invalid else messages.SUCCESS
            self.message_user(request, f"{form.cleaned_data['organization']}: {report.sentence()}", tone)
            return redirect("admin:messaging_suppression_changelist")
        return self._page(request, gettext("Import suppressions"), {"form": form, "report": report})

    def _page(self, request: HttpRequest, title: str, context: dict[str, Any]) -> HttpResponse:
        shared = {**self.admin_site.each_context(request), "title": title, "opts": self.opts}
        return TemplateResponse(request, "admin/suppression_confirm.html", {**shared, **context})

    @admin.display(description=_("in force"), boolean=True)
    def in_force(self, suppression: Suppression) -> bool:
        return suppression.is_in_force
