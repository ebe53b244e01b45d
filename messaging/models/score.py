"""Models of contacts' scores, and of an organization's settings and learned weights for them."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from accounts.models import Organization
from salesbrain.rls.models import CompositeForeignKey, TenantModel


class ContactScore(TenantModel):
    """A contact's score as of `scored_at`, computed from its events alone; rewritten every six hours. It is deleted with the contact."""

    id = models.UUIDField(primary_key=True, editable=False, help_text="The contact's.")
    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, db_constraint=False, db_index=False, related_name="+"
    )
    band = models.TextField(
        help_text="Fit and engagement, such as B1; engagement alone where no fit is known; empty: none."
    )
    points = models.IntegerField(null=True, help_text="Of the engagement, in tenths; NULL: excluded.")
    excluded = models.TextField(default="", db_default="", help_text="Why there is no score.")
    version = models.TextField(help_text="Of the rules and the weights.")
    scored_at = models.DateTimeField()

    class Meta:
        constraints = [
            CompositeForeignKey(
                field="id",
                to="messaging.Contact",
                name="contact_score_contact_fk",
                on_delete="CASCADE",
                deferred=True,
            )
        ]
        indexes = [
            models.Index(fields=["organization", "band", "-points"], name="contact_score_band"),
            models.Index(fields=["organization", "-points", "id"], name="contact_score_points"),
        ]

    def __str__(self) -> str:
        return self.band


class ScoringSettings(TenantModel):
    """Scoring settings of an organization: variables that hold fit, set by owners; weights last learned from outcomes."""

    organization = models.OneToOneField(Organization, on_delete=models.CASCADE, primary_key=True, related_name="+")
    title = models.TextField(default="", db_default="", blank=True, help_text="Variable that holds the job title.")
    employees = models.TextField(
        default="", db_default="", blank=True, help_text="Variable with the number of employees."
    )
    employees_from = models.PositiveIntegerField(default=0, db_default=0)
    employees_to = models.PositiveIntegerField(null=True)
    industry = models.TextField(default="", db_default="", blank=True, help_text="Variable that holds the industry.")
    industries = ArrayField(models.TextField(), default=list, help_text="Industries looked for.")
    factors = models.JSONField(
        null=True, help_text="Learned factor of each row of the engagement; NULL: the shipped ones."
    )
    version = models.TextField(default="", db_default="", blank=True, help_text="Of the learned factors.")
    calibration = models.JSONField(
        null=True,
        help_text="Chance of a positive outcome at a score: start, slope, and how well that held (bins); NULL: not learned.",
    )
    contacts = models.PositiveIntegerField(default=0, db_default=0, help_text="Learned from, in the last attempt.")
    positives = models.PositiveIntegerField(default=0, db_default=0)
    predicts = models.BooleanField(
        null=True, help_text="Does the top band do at least twice as well as all? NULL: unknown."
    )
    outcome = models.JSONField(default=list, help_text="Outcome by band of this quarter and the last one.")
    scored_at = models.DateTimeField(null=True, help_text="NULL: due at once.")

    class Meta:
        verbose_name_plural = "scoring settings"

    def __str__(self) -> str:
        return self.version or "shipped"
