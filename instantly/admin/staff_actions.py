"""Admin page of staff actions: state and result, reloading until all of them have ended."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.admin.base import BoundedPaginator, ConnectionFilter, ReadOnlyAdmin, as_json, badge
from accounts.models import ProviderConnection
from instantly.actions.registry import ACTIONS
from instantly.admin.reloading import ReloadingMixin
from instantly.admin.undo import admin_page, undo_of
from instantly.choices import ActionState
from instantly.models import StaffAction
from salesbrain.kernel.messages import message, shown, translated

TONES = {
    ActionState.QUEUED: "quiet",
    ActionState.RUNNING: "quiet",
    ActionState.DONE: "good",
    ActionState.FAILED: "bad",
    ActionState.UNKNOWN: "warn",
}
LATE = timedelta(minutes=1)
DRIFT_STATS = {
    "sent": _("Sent"),
    "auto_replies": _("Automatic replies"),
    "leads_opened": _("Leads with an open"),
    "leads_clicked": _("Leads with a click"),
    "leads_replied": _("Leads with a reply"),
    "leads_bounced": _("Leads with a bounce"),
    "leads_unsubscribed": _("Leads unsubscribed"),
}
"""Labels of the stats that a drift check compares (instantly/reconciliation/drift.py)."""


class KindFilter(admin.SimpleListFilter):
    title = _("kind")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(action.kind, str(action.label)) for action in ACTIONS.values()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[StaffAction]) -> QuerySet[StaffAction]:
        return queryset.filter(kind=self.value()) if self.value() else queryset


@admin.register(StaffAction)
class StaffActionAdmin(ReloadingMixin, ReadOnlyAdmin):
    list_display = ["created_at", "label", "target_name", "state_badge", "said", "connection", "actor_name"]
    list_filter = ["state", KindFilter, ConnectionFilter, "created_at"]
    list_select_related = ["connection"]
    search_fields = ["target_name", "actor_name", "=target_id"]
    paginator = BoundedPaginator
    fields = [
        "label", "target", "connection", "actor_name", "state_badge", "said", "created_at", "started_at", "finished_at", "result_shown",
    ]  # fmt: skip

    def is_running(self, row: StaffAction) -> bool:
        return not row.is_over

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        action = kwargs.get("obj")
        context["undo"] = undo_of(action, request) if action is not None else None
        return super().render_change_form(request, context, *args, **kwargs)

    @admin.display(description=_("kind"), ordering="kind")
    def label(self, action: StaffAction) -> str:
        return action.label

    @admin.display(description=_("state"), ordering="state")
    def state_badge(self, action: StaffAction) -> SafeString:
        return badge(action.get_state_display(), TONES[ActionState(action.state)])

    @admin.display(description=_("outcome"))
    def said(self, action: StaffAction) -> str:
        if action.state == ActionState.QUEUED and action.created_at < timezone.now() - LATE:
            return gettext("Still waiting. Start the jobs process (manage.py run_jobs) if it is not running.")
        return shown(action.outcome)

    @admin.display(description=_("about"))
    def target(self, action: StaffAction) -> SafeString | str:
        """Link to the object of the action; to the new campaign if the action created one, to the promotion that it runs."""
        promotion = action.result.get("promotion") or action.arguments.get("promotion")
        if promotion:
            return format_html('<a href="{}">{}</a>', reverse("admin:promotion", args=[promotion]), action.target_name)
        model: type[Model] = ProviderConnection
        key: Any = action.connection_id
        kind, row = ACTIONS.get(action.kind), action.result.get("campaign") or action.target_id
        if kind is not None and row:
            model, key = kind.target, row
        url = reverse(admin_page(model, "change"), args=[key])
        return format_html('<a href="{}">{}</a>', url, action.target_name)

    @admin.display(description=_("result"))
    def result_shown(self, action: StaffAction) -> SafeString:
        if "steps" in action.result:
            return _table(
                ["", _("step"), _("result"), _("ms")],
                [
                    ("✓" if step["ok"] else "✗", _step_name(step["step"]), shown(step["detail"]), step["milliseconds"])
                    for step in action.result["steps"]
                ],
            )
        if "differ" in action.result:
            return _table(
                [_("campaign"), _("stat"), _("ours"), _("Instantly's"), _("difference")],
                [
                    (row["name"], DRIFT_STATS.get(name, name), figure["local"], figure["instantly"], figure["delta"])
                    for row in action.result["differ"]
                    for name, figure in row["figures"].items()
                    if figure["delta"]
                ],
            )
        return as_json(translated(action.result))


def _step_name(name: str) -> str:
    try:
        return shown(message(f"step.{name}"))
    except KeyError:  # of another release
        return name


def _table(heads: Sequence[str | Promise], rows: list[tuple[Any, ...]]) -> SafeString:
    head = format_html_join("", "<th>{}</th>", ((text,) for text in heads))
    body = format_html_join(
        "", "<tr>{}</tr>", ((format_html_join("", "<td>{}</td>", ((cell,) for cell in row)),) for row in rows)
    )
    return format_html('<table class="sb-table"><thead><tr>{}</tr></thead><tbody>{}</tbody></table>', head, body or "–")
