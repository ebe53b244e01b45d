"""Models of reply categories: automatic answers, people's corrections, learned weights."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from accounts.models import Organization
from salesbrain.kernel.models import Keyed
from salesbrain.rls.models import CompositeForeignKey, StaffModel, TenantModel


class TriagePending(StaffModel):
    """Received messages to be categorized (again). A worker marks those it takes; after a while others may take them over."""

    message_id = models.UUIDField(primary_key=True)
    taken_at = models.DateTimeField(null=True)
    tries = models.SmallIntegerField(default=0, db_default=0)

    class Meta:
        verbose_name_plural = "triage pending"

    def __str__(self) -> str:
        return str(self.message_id)


class MessageCategory(TenantModel):
    """Category of a received message. `category` is the valid one: a person's correction, else the engine's answer, `unsure` if it
    abstains; `predicted` is the engine's most likely one in any case, so that both can be compared.
    """

    id = models.UUIDField(primary_key=True, editable=False, help_text="The message's.")
    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, db_constraint=False, db_index=False, related_name="+"
    )
    category = models.TextField(help_text="messaging.intelligence.triage.classes, or unsure.")
    predicted = models.TextField()
    p = models.FloatField(help_text="Calibrated probability of `predicted`, 0 to 1.")
    candidates = ArrayField(models.TextField(), help_text="What is plausible, likeliest first.")
    source = models.TextField(help_text="staff, fact, rule or model.")
    rule = models.TextField(default="", blank=True)
    version = models.TextField(help_text="Of the model, with what was learned for the organization.")
    reason = models.JSONField(default=dict)
    decided_at = models.DateTimeField(db_default=Now())
    sentence_scores = models.BinaryField(
        null=True,
        help_text="What the embeddings say, float32 by category, so that a replay need not read the text; NULL: without.",
    )
    asks = models.TextField(null=True, help_text="messaging.intelligence.next_steps.reading; NULL: not read yet.")
    asks_on = models.DateField(null=True, help_text="The weekday asked for, or of the return from an absence.")
    asks_address = models.TextField(default="", db_default="", help_text="Whom to write to instead.")
    asks_words = models.TextField(default="", db_default="", help_text="The person's words it is read from.")

    class Meta:
        verbose_name_plural = "message categories"
        constraints = [
            CompositeForeignKey(
                field="id",
                to="messaging.Message",
                name="message_category_message_fk",
                on_delete="CASCADE",
                deferred=True,
            )
        ]
        indexes = [models.Index(fields=["organization", "category", "-decided_at"], name="message_category_latest")]

    def __str__(self) -> str:
        return self.category


class CategoryCorrection(TenantModel):
    """A person's decision on a message's category; it overrides the engine and trains it, in this organization only."""

    id = models.UUIDField(primary_key=True, editable=False, help_text="The message's.")
    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, db_constraint=False, db_index=False, related_name="+"
    )
    category = models.TextField()
    predicted = models.TextField(help_text="What the engine had said.")
    corrected_at = models.DateTimeField()
    user_id = models.UUIDField(null=True, help_text="Who, as the audit log has it.")

    class Meta:
        constraints = [
            CompositeForeignKey(
                field="id",
                to="messaging.Message",
                name="category_correction_message_fk",
                on_delete="CASCADE",
                deferred=True,
            )
        ]
        indexes = [models.Index(fields=["organization", "-corrected_at"], name="category_correction_latest")]

    def __str__(self) -> str:
        return self.category


class TriageReplay(TenantModel, Keyed):
    """One replay of an organization's replies through another threshold or other rules, run by a job; nothing live changes by it."""

    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, db_constraint=False, db_index=False, related_name="+"
    )
    threshold = models.FloatField()
    rules = models.JSONField(null=True, help_text="Changes of the rules: off and phrases; NULL: none.")
    state = models.TextField(default="queued", db_default="queued", help_text="queued, running, done or failed.")
    user_name = models.TextField(default="", help_text="Who asked for it.")
    replies = models.IntegerField(default=0, db_default=0, help_text="Replayed so far.")
    result = models.JSONField(default=dict, help_text="Changes by category before and after, and how many were right.")
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [models.Index(fields=["organization", "-created_at"], name="triage_replay_latest")]

    def __str__(self) -> str:
        return f"{self.threshold} {self.state}"


class TriageLearning(TenantModel):
    """Changes of the shipped model by an organization's corrections, and the result of the last training."""

    organization = models.OneToOneField(Organization, on_delete=models.CASCADE, primary_key=True, related_name="+")
    is_due = models.BooleanField(default=True, db_default=True, help_text="There is something new to learn from.")
    differences = models.BinaryField(null=True, help_text="float32 arrays added to the shipped ones; NULL: none.")
    base = models.TextField(default="", blank=True, help_text="Version of the model they were learned for.")
    version = models.TextField(default="", blank=True)
    corrections = models.IntegerField(default=0, db_default=0, help_text="Learned from, in the last attempt.")
    held_back = models.IntegerField(default=0, db_default=0, help_text="Replies both models were judged by.")
    errors_before = models.IntegerField(default=0, db_default=0)
    errors_after = models.IntegerField(default=0, db_default=0)
    is_adopted = models.BooleanField(default=False, db_default=False, help_text="Was the challenger better?")
    learned_at = models.DateTimeField(null=True)
    threshold = models.FloatField(
        null=True, help_text="Reliability below which a person decides; NULL: the shipped one."
    )
    rules = models.JSONField(null=True, help_text="Changes of the rules that hold: off and phrases; NULL: none.")

    class Meta:
        verbose_name_plural = "triage learning"

    def __str__(self) -> str:
        return self.version or "shipped"
