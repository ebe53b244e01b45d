"""`/settings/triage`: page of triage's accuracy against people, its training, and the reply lab."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.permissions import Permission, RoleTooLow, member_may
from accounts.refusals import Refusal
from accounts.web.settings_pages import SettingsView
from messaging import tasks
from messaging.intelligence.triage import judged, organizations, replay
from messaging.intelligence.triage.classes import CATEGORIES, ORDER
from messaging.intelligence.triage.judged import Share
from messaging.models import Contact, TriageLearning, TriageReplay
from messaging.web import reply_lab, words
from messaging.web.reply_lab import LabForm
from salesbrain.web.figures import percent

MOST_SHOWN = 50
LANGUAGES = (("", _("Both languages")), ("de", _("German")), ("en", _("English")))


class TriageView(SettingsView):
    template_name = "messaging/triage.html"
    title = _("Triage")
    section = "triage"
    needs_organization = True
    statements = 12

    def get(self, request: HttpRequest) -> HttpResponseBase:
        return self.show()

    def post(self, request: HttpRequest) -> HttpResponseBase:
        scope = self.scope
        if scope is None or scope.organization_id is None:
            return redirect("triage")
        action, form = request.POST.get("action"), LabForm(request.POST)
        if action != "shipped" and not form.is_valid():
            return self.show(form, status=400)
        given: dict[str, Any] = {"by": self.user(), "now": timezone.now()}
        if action != "shipped":
            given |= reply_lab.asked_rules(request.POST)
        try:
            if action == "replay":
                id = replay.ask_for_replay(scope, threshold=form.cleaned_data["threshold"], **given)
                tasks.replay_triage.defer(replay_id=str(id))
                messages.success(request, gettext("The replay runs. Load the page again in a minute."))
            else:
                threshold = None if action == "shipped" else form.cleaned_data["threshold"]
                replay.set_threshold(scope, threshold=threshold, **given)
                messages.success(request, gettext("The change holds. Replies of the last year are sorted anew."))
        except RoleTooLow as refusal:
            raise PermissionDenied(str(refusal)) from refusal
        except Refusal as refusal:
            messages.error(request, str(refusal))
        return redirect("triage")

    def show(self, form: LabForm | None = None, status: int = 200) -> HttpResponseBase:
        scope = self.scope
        if scope is None or scope.organization_id is None:  # staff who look at all organizations
            return self.render({"choose": True})
        language = self.request.GET.get("language", "")
        rows = judged.judged(scope.organization_id, language=language if language in ("de", "en") else "")
        own = TriageLearning.objects.defer("differences").filter(pk=scope.organization_id).first()
        engine = organizations.engine_of(scope.organization_id)
        live = engine.threshold
        return self.render(
            {
                "languages": LANGUAGES,
                "language": language,
                "ours": _share(judged.share(rows)),
                "provider": _share(judged.provider_share(rows)),
                "total": len(rows),
                "head": [CATEGORIES[category].label for category in ORDER],
                "table": _table(rows),
                "cell": self.cell(rows),
                "weeks": [(week.monday, _share(week.ours), _share(week.provider)) for week in judged.weeks(rows)[:26]],
                "learning": own,
                "live": round(live, 3),
                "is_own": bool(own and (own.threshold is not None or own.rules)),
                "form": form or LabForm(initial={"threshold": round(live, 2)}),
                **reply_lab.described(scope.organization_id, engine.adjusted),
                "replays": reply_lab.replays(TriageReplay.objects.filter(organization=scope.organization_id)[:5]),
                "may_set": member_may(scope.member_role, Permission.MANAGE_SUGGESTIONS),
            },
            status=status,
        )

    def cell(self, rows: list[judged.Judged]) -> dict[str, Any] | None:
        """Return the replies in a clicked cell of the confusion table: category set by people, category predicted."""
        said, predicted = self.request.GET.get("said"), self.request.GET.get("predicted")
        if said not in ORDER or predicted not in ORDER:
            return None
        own = [row for row in rows if (row.said, row.predicted) == (said, predicted)][:MOST_SHOWN]
        contacts = Contact.objects.in_bulk({row.contact_id for row in own})
        return {
            "said": words.category(said),
            "predicted": words.category(predicted),
            "rows": [(row, contacts[row.contact_id]) for row in own if row.contact_id in contacts],
        }


def _share(share: Share) -> dict[str, Any]:
    return {
        "right": share.right,
        "total": share.total,
        "rate": percent(share.right / share.total if share.total else None),
    }


def _table(rows: list[judged.Judged]) -> list[dict[str, Any]]:
    counted = judged.confusion_matrix(rows)
    return [
        {
            "said": said,
            "label": CATEGORIES[said].label,
            "cells": [(predicted, counted.get((said, predicted), 0), said is predicted) for predicted in ORDER],
        }
        for said in ORDER
        if any(counted.get((said, predicted)) for predicted in ORDER)
    ]
