"""Models of contacts (people, once per organization) and of suppressed addresses."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce, Now

from accounts.models import Organization
from messaging import identity
from messaging.choices import SuppressionReason
from messaging.models.contact_search import contacts_containing
from salesbrain.kernel.addresses import canonical, searched
from salesbrain.kernel.models import Keyed
from salesbrain.rls.models import TenantModel

HAS_VERDICT = Q(staff_interest__isnull=False) | Q(interest__isnull=False)


class ContactQuerySet(models.QuerySet["Contact"]):
    def at(self, organization_id: UUID, email: str) -> "Contact":
        """Return the contact with this address, or a new unsaved one with its computed id. Raises NotAnAddress."""
        email = canonical(email)
        key = identity.contact_id(organization_id, email)
        return self.filter(pk=key).first() or self.model(id=key, organization_id=organization_id, email=email)

    def with_verdict(self) -> "ContactQuerySet":
        """Annotate `verdict`: the interest that staff set, else the provider's latest."""
        return self.annotate(verdict=Coalesce("staff_interest", "interest"))

    def matching(self, text: str) -> "ContactQuerySet":
        """Narrow to contacts with this text in address, name or company. Queries the search index at once, so call it inside a scope."""
        return self.containing(text, contacts_containing(searched(text)))

    def containing(self, text: str, found: Sequence[UUID] | None) -> "ContactQuerySet":
        """Narrow to the contacts `found` by the search index; None: the index found too many, so each row is compared with the text."""
        if found is not None:
            return self.filter(pk__in=RawSQL("SELECT unnest(%s::uuid[])", [list(found)]))
        condition = Q(email__icontains=searched(text))
        for field in ("first_name", "last_name", "company"):
            condition |= Q(**{f"{field}__icontains": text})
        return self.filter(condition)

    def with_interest(self, interest: str) -> "ContactQuerySet":
        """Narrow to contacts with this interest: the one that staff set, else the provider's latest."""
        # HAS_VERDICT follows from the comparison, but only when it is written out does PostgreSQL use the index with this condition.
        return self.alias(_verdict=Coalesce("staff_interest", "interest")).filter(HAS_VERDICT, _verdict=interest)

    def with_score(self) -> "ContactQuerySet":
        """Annotate `band` and `points` of the stored score; None where there is none."""
        score = apps.get_model("messaging", "ContactScore").objects.filter(
            organization_id=OuterRef("organization_id"), pk=OuterRef("pk")
        )
        return self.annotate(band=Subquery(score.values("band")), points=Subquery(score.values("points")))

    def in_band(self, band: str) -> "ContactQuerySet":
        """Narrow to contacts whose stored score is this band, such as B1; one letter or digit: all bands with it."""
        scores = apps.get_model("messaging", "ContactScore").objects.filter(
            organization_id=OuterRef("organization_id"), pk=OuterRef("pk")
        )
        fits = Q(band=band) if len(band) > 1 else Q(band__contains=band)
        return self.filter(Exists(scores.filter(fits)))

    def of_campaign(self, campaign_id: UUID) -> "ContactQuerySet":
        """Narrow to contacts with an event of this campaign."""
        events = apps.get_model("messaging", "Event").objects.filter(
            organization_id=OuterRef("organization_id"), contact_id=OuterRef("pk"), campaign_id=campaign_id
        )
        return self.filter(Exists(events))

    def with_event(
        self,
        type: str,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        campaign_id: UUID | None = None,
        email_account: str | None = None,
    ) -> "ContactQuerySet":
        """Narrow to contacts to whom this happened at `since` or later and before `until`, as daily stats count it; None: no limit."""
        narrowed = {
            "happened_at__gte": since, "happened_at__lt": until, "campaign_id": campaign_id, "email_account": email_account
        }  # fmt: skip
        events = apps.get_model("messaging", "Event").objects.filter(
            organization_id=OuterRef("organization_id"), contact_id=OuterRef("pk"), type=type, copy_of__isnull=True,
            **{lookup: value for lookup, value in narrowed.items() if value is not None},
        )  # fmt: skip
        return self.filter(Exists(events))

    def with_last_reply(self) -> "ContactQuerySet":
        """Annotate `last_reply_at`: when the person last wrote to us, None where they never did."""
        return self.annotate(last_reply_at=Subquery(_conversations_of().values("last_human_at")[:1]))

    def last_replied(self, since: datetime | None, until: datetime | None) -> "ContactQuerySet":
        """Narrow to contacts whose latest mail to us came at `since` or later and before `until`; None: no limit."""
        found = _conversations_of().filter(last_human_at__isnull=False)
        if since is not None:
            found = found.filter(last_human_at__gte=since)
        if until is not None:
            found = found.filter(last_human_at__lt=until)
        return self.filter(Exists(found))

    def suppressed(self, is_suppressed: bool = True) -> "ContactQuerySet":
        """Narrow to contacts whose address is (or is not) suppressed."""
        in_force = Suppression.objects.in_force().filter(
            organization_id=OuterRef("organization_id"), email=OuterRef("email")
        )
        return self.filter(Exists(in_force) if is_suppressed else ~Exists(in_force))


def _conversations_of() -> models.QuerySet[Any]:
    """Return the conversation of the contact in the outer query, as a subquery."""
    conversations: models.QuerySet[Any] = apps.get_model("messaging", "Conversation").objects.order_by()
    return conversations.filter(organization_id=OuterRef("organization_id"), pk=OuterRef("pk"))


class Contact(TenantModel):
    """A person at an email address, in one organization. The id is computed from the address, so another address is another contact.

    Facts merge so that the order of events does not matter: names and interest are the latest by time, replied, bounced,
    unsubscribed and complained the earliest.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, db_index=False, related_name="contacts")
    email = models.TextField()
    first_name = models.TextField(null=True, blank=True)
    last_name = models.TextField(null=True, blank=True)
    company = models.TextField(null=True, blank=True)
    phone = models.TextField(null=True, blank=True)
    website = models.TextField(null=True, blank=True)
    named_at = models.DateTimeField(
        null=True, editable=False, help_text="When names, company, phone and website were last told."
    )
    interest = models.TextField(
        null=True, blank=True, help_text="Latest by time: an event type or a label somebody made up."
    )
    interest_at = models.DateTimeField(null=True, editable=False)
    staff_interest = models.TextField(
        null=True, blank=True, help_text="Set by our staff; beats the provider's until cleared."
    )
    staff_interest_at = models.DateTimeField(null=True, editable=False)
    first_seen_at = models.DateTimeField(editable=False, help_text="Earliest event.")
    replied_at = models.DateTimeField(null=True, editable=False)
    bounced_at = models.DateTimeField(null=True, editable=False)
    unsubscribed_at = models.DateTimeField(null=True, editable=False)
    complained_at = models.DateTimeField(null=True, editable=False)
    meeting_at = models.DateTimeField(
        null=True, editable=False, help_text="First meeting booked (when it was booked, not when it is)."
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    updated_at = models.DateTimeField(auto_now=True, db_default=Now())

    objects = ContactQuerySet.as_manager()

    class Meta:
        ordering = ["email", "id"]
        constraints = [
            models.UniqueConstraint(fields=["organization", "email"], name="contact_email"),
            models.UniqueConstraint(fields=["organization", "id"], name="contact_organization"),
        ]
        indexes = [
            models.Index(fields=["organization", "-updated_at", "id"], name="contact_latest"),
            models.Index(
                fields=["organization", "-meeting_at", "id"],
                name="contact_meeting",
                condition=Q(meeting_at__isnull=False),
            ),
            models.Index(
                fields=["organization", "-updated_at", "id"],
                name="contact_replied",
                condition=Q(replied_at__isnull=False),
            ),
            models.Index(fields=["organization", "-updated_at", "id"], name="contact_verdict", condition=HAS_VERDICT),
        ]

    def __str__(self) -> str:
        return self.email

    @property
    def name(self) -> str:
        return " ".join(part for part in (self.first_name, self.last_name) if part)


class SuppressionQuerySet(models.QuerySet["Suppression"]):
    def in_force(self) -> "SuppressionQuerySet":
        """Narrow to active suppressions: not lifted, or reported again after they were lifted."""
        return self.filter(Q(lifted_at__isnull=True) | Q(last_at__gt=F("lifted_at")))


class Suppression(TenantModel, Keyed):
    """An address that an organization must not write to. Lifting keeps the row; a later event reactivates it."""

    organization = models.ForeignKey(
        Organization, on_delete=models.PROTECT, db_index=False, related_name="suppressions"
    )
    email = models.TextField()
    reason = models.TextField(choices=SuppressionReason)
    detail = models.TextField(blank=True, default="")
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_by = models.TextField(blank=True, default="")
    lift_reason = models.TextField(blank=True, default="")

    objects = SuppressionQuerySet.as_manager()

    class Meta:
        ordering = ["email", "reason"]
        constraints = [
            models.UniqueConstraint(fields=["organization", "email", "reason"], name="suppression_once"),
            models.CheckConstraint(condition=Q(first_at__lte=F("last_at")), name="suppression_first_before_last"),
        ]

    def __str__(self) -> str:
        return f"{self.email} ({self.get_reason_display()})"

    @property
    def is_in_force(self) -> bool:
        return self.lifted_at is None or self.last_at > self.lifted_at
