"""`/contacts/<id>`: page of one contact: data, suppressions, and the timeline with texts."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase

from accounts.permissions import Permission, member_may
from messaging.contact_engagement import engagement_of
from messaging.follow_ups.decisions import Why
from messaging.follow_ups.of_contact import follow_up_of
from messaging.intelligence.next_steps.suggestions import KEYS
from messaging.intelligence.scoring.fit import fit
from messaging.models import Contact, ContactVariables, ScoringSettings, Suppression
from messaging.scores.fit_mapping import mapping_of, weights_of
from messaging.timeline import Entry, Place, timeline
from messaging.web import engagement_words, follow_up_words, score_words
from messaging.web.reading_audit import record_reading
from messaging.web.scoped import OutreachView
from salesbrain.kernel.addresses import searched

ENTRIES = 50
FEW_VARIABLES = 8
"""Number of variables above which they are collapsed."""
SHOWN_ABOVE = {"firstName", "lastName", "companyName", "phone", "website", "email"}
QUIET = {"reply_category"}
"""Events left out of the timeline, because they are shown beside the reply itself."""


class ContactView(OutreachView):
    writes_in_get = True
    template_name = "messaging/contact.html"
    navigation_name = "contacts"
    statements = 16
    example_arguments = {"contact_id": UUID("00000000-0000-4000-8000-0000000000e1")}

    def get(self, request: HttpRequest, contact_id: UUID) -> HttpResponseBase:
        contact: Contact = self.one(Contact, contact_id)
        entries, place = timeline(contact, limit=ENTRIES, before=self.before(), names=True)
        suppressions = Suppression.objects.in_force().filter(
            organization_id=contact.organization_id, email=searched(contact.email)
        )
        record_reading(request, contact_id=contact.pk, organization_id=contact.organization_id, now=self.now)
        return self.render(
            {
                "title": contact.name or contact.email,
                "contact": contact,
                "verdict": contact.staff_interest or contact.interest,
                "suppressions": list(suppressions),
                **self.next_step(contact),
                **self.known(contact),
                "entries": self.shown(entries),
                "next": str(place) if place else "",
                "is_older": "before" in request.GET,
            }
        )

    def next_step(self, contact: Contact) -> dict[str, Any]:
        """Return the contact's next step for the template follow_up.html, in four statements."""
        user: Any = self.request.user
        now = self.now.astimezone(user.zone())
        up = follow_up_of(contact, now=now)
        decided_on = up.decision.on if up.decision else None
        shown = follow_up_words.step(up, today=now.date(), on=decided_on)
        may = member_may(self.scope.member_role if self.scope else "", Permission.FOLLOW_UP)
        return {
            "step": {**shown, "may": may},
            "keys": {decision.value: key for decision, key in KEYS.items()},
            "reasons": Why.choices,
            "tomorrow": now.date().isoformat(),
            "here": self.request.get_full_path(),
        }

    def known(self, contact: Contact) -> dict[str, Any]:
        """Return the contact's score, its explanation and the custom variables for the template, in three statements."""
        row = ContactVariables.objects.filter(organization=contact.organization_id, pk=contact.pk).first()
        settings = ScoringSettings.objects.filter(pk=contact.organization_id).first()
        engagement = engagement_of(contact, now=self.now, weights=weights_of(settings))
        found = fit(row.variables if row else {}, mapping_of(settings))
        return {
            "engagement": engagement_words.shown(engagement),
            "score": score_words.shown(found, engagement),
            **self.variables(row),
        }

    def variables(self, known: ContactVariables | None) -> dict[str, Any]:
        """Return the contact's custom variables for the template, without those that the page shows anyway."""
        shown = [(name, value) for name, value in known.variables.items() if name not in SHOWN_ABOVE] if known else []
        return {
            "variables": sorted(shown, key=lambda pair: pair[0].casefold()),
            "variables_told_at": known.told_at if known else None,
            "variables_left_out": known.left_out if known else [],
            "is_long": len(shown) > FEW_VARIABLES,
        }

    def before(self) -> Place | None:
        text = self.request.GET.get("before")
        try:
            return Place.read(text) if text else None
        except (ValueError, OverflowError):
            raise Http404 from None

    def shown(self, entries: Sequence[Entry]) -> list[dict[str, Any]]:
        return [
            {
                "entry": entry,
                "campaign": entry.campaign,
                "message": entry.message,
                "category": entry.category,
                "is_reply": bool(entry.message and entry.message.direction == "in"),
            }
            for entry in entries
            if entry.type not in QUIET
        ]
