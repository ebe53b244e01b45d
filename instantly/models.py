"""Models of webhook deliveries and their queue, sync runs, staff actions and alerts.

The table of deliveries has no foreign keys: every insert would lock the same connection row, which doubled its cost in trials.
"""

from collections.abc import Mapping
from typing import Any, ClassVar

import orjson
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from accounts.models import Organization, ProviderConnection
from instantly.choices import ActionState, AlertKind, HeldReason, PromotionState, SyncStatus, SyncTrigger
from messaging.choices import Origin
from salesbrain.kernel.message_fields import MessageField, MessagesField
from salesbrain.kernel.messages import restored
from salesbrain.kernel.models import Keyed
from salesbrain.rls.models import StaffModel


class Delivery(StaffModel):
    """One webhook delivery (HTTP POST), written once and never updated; only pruning sets the bodies to NULL.

    Its state is given by two small tables: a row in `Pending`: queued; a row in `Held`: waiting; in neither: done.
    """

    id = models.BigAutoField(primary_key=True)
    connection_id = models.UUIDField()
    digest = models.BinaryField(max_length=32, help_text="What makes a copy a copy: there is no event id on the wire.")
    event_type = models.TextField(help_text="As it came.")
    campaign = models.TextField(blank=True, help_text="The provider's campaign id as it came; empty: none.")
    body = models.BinaryField(null=True, help_text="The bytes as received. NULL: pruned.")
    cleaned = models.TextField(
        null=True,
        help_text="The body with what PostgreSQL or JSON cannot hold replaced; NULL: the bytes are clean as they are.",
    )
    origin = models.TextField(choices=Origin, default=Origin.WEBHOOK)
    received_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "deliveries"
        constraints = [models.UniqueConstraint(fields=["connection_id", "digest"], name="delivery_once")]
        indexes = [models.Index(fields=["connection_id", "-id"], name="delivery_of_connection")]

    def __str__(self) -> str:
        return f"{self.event_type} #{self.pk}"

    @property
    def text(self) -> str | None:
        """Return the body as JSON text (cleaned where necessary), None if it was pruned."""
        if self.cleaned is not None:
            return self.cleaned
        return None if self.body is None else bytes(self.body).decode()

    @property
    def payload(self) -> dict[str, Any]:
        return orjson.loads(self.text) if self.text else {}


class Pending(StaffModel):
    """The queue: deliveries not processed yet. A worker leases a delivery by locking its row here."""

    delivery_id = models.BigIntegerField(primary_key=True)

    class Meta:
        verbose_name_plural = "pending"

    def __str__(self) -> str:
        return f"#{self.delivery_id}"


class Held(StaffModel):
    """A delivery set aside without effect so far: until its campaign is known, its next try, or a person's decision."""

    delivery_id = models.BigIntegerField(primary_key=True)
    reason = models.TextField(choices=HeldReason)
    detail = MessageField(blank=True, default="")
    attempts = models.IntegerField(default=0, db_default=0)
    held_at = models.DateTimeField(db_default=Now(), editable=False)
    next_try_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-held_at", "-delivery_id"]
        verbose_name_plural = "held"
        constraints = [models.CheckConstraint(condition=Q(reason__in=HeldReason.values), name="held_reason")]
        indexes = [
            models.Index(fields=["reason", "delivery_id"], name="held_by_reason"),
            models.Index(fields=["next_try_at"], name="held_next_try", condition=Q(next_try_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"#{self.delivery_id}: {self.get_reason_display()}"


class WorkerBatch(StaffModel):
    """Ids of deliveries that a worker is about to process, stored first, so that a body that kills the worker is noticed."""

    worker = models.BigIntegerField(
        primary_key=True, help_text="Key of the advisory lock its listening connection holds."
    )
    delivery_ids = models.JSONField(default=list)
    started_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name_plural = "worker batches"

    def __str__(self) -> str:
        return f"worker {self.worker}"


class SyncRun(StaffModel, Keyed):
    """One run of sync or gap repair of a connection: its counts and errors."""

    connection = models.ForeignKey(
        ProviderConnection, on_delete=models.CASCADE, db_index=False, related_name="sync_runs"
    )
    trigger = models.TextField(choices=SyncTrigger)
    actor_name = models.TextField(blank=True, default="")
    status = models.TextField(choices=SyncStatus, default=SyncStatus.RUNNING)
    started_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True)
    counts = models.JSONField(default=dict)
    errors = MessagesField(default=list)
    requests = models.IntegerField(default=0)

    class Meta:
        ordering = ["-started_at", "-id"]
        indexes = [models.Index(fields=["connection", "-started_at"], name="sync_run_latest")]

    def __str__(self) -> str:
        return f"{self.started_at:%Y-%m-%d %H:%M}: {self.get_status_display()}"


class StaffAction(StaffModel, Keyed):
    """An action that staff requested in the admin: a job performs it, this row has its state and result.

    The target is stored by name and id, without a foreign key: the action outlives it. `arguments` are emptied at the end, because they may
    hold people's addresses; `outcome` and `result` never do.
    """

    labels: ClassVar[Mapping[str, object]] = {}
    """Label by kind of action; filled in by instantly/actions/registry.py, which the models cannot import."""

    kind = models.TextField(help_text="Of a row of the table of actions, instantly/actions/registry.py.")
    connection = models.ForeignKey(ProviderConnection, on_delete=models.CASCADE, related_name="staff_actions")
    target_id = models.UUIDField(
        null=True, help_text="Of the campaign or email account; empty: it is about the connection."
    )
    target_name = models.TextField()
    arguments = models.JSONField(default=dict, blank=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+"
    )
    actor_name = models.TextField(help_text="Their address then.")
    address = models.GenericIPAddressField(null=True, help_text="The network address it was asked for from.")
    state = models.TextField(choices=ActionState, default=ActionState.QUEUED)
    outcome = MessageField(blank=True, default="", help_text="A sentence for people.")
    result = MessagesField(default=dict, blank=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        verbose_name = "action"
        indexes = [models.Index(fields=["-created_at", "-id"], name="staff_action_latest")]

    def __str__(self) -> str:
        return f"{self.label}: {self.target_name}"

    @property
    def label(self) -> str:
        """Return the action's name for people; its kind if this release does not know the action."""
        return str(self.labels.get(self.kind, self.kind))

    @property
    def is_over(self) -> bool:
        return self.finished_at is not None


class Promotion(StaffModel, Keyed):
    """Move of a customer out of a shared workspace into one of its own (instantly/actions/promotion).

    `plan` is what a person chose; `journal` has each step before and after it is done at Instantly, so that a run that was killed
    goes on where it stopped, and an undo takes back what this promotion did and nothing else.
    """

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="promotions")
    source = models.ForeignKey(
        ProviderConnection, on_delete=models.CASCADE, related_name="promotions", help_text="The shared workspace."
    )
    destination = models.ForeignKey(
        ProviderConnection, on_delete=models.CASCADE, related_name="+", help_text="The customer's own."
    )
    admin_connection = models.ForeignKey(
        ProviderConnection,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text="Has the key of the workspace group's admin workspace. Empty: no email account moves.",
    )
    plan = models.JSONField(default=dict)
    journal = models.JSONField(default=dict)
    state = models.TextField(choices=PromotionState, default=PromotionState.RUNNING)
    outcome = MessageField(blank=True, default="", help_text="A sentence for people.")
    actor_name = models.TextField(help_text="Who began it: their address then, or a command.")
    undo_at = models.DateTimeField(null=True, blank=True, help_text="Since when it is being taken back.")
    confirmed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["organization"],
                condition=Q(state__in=[PromotionState.RUNNING, PromotionState.STOPPED, PromotionState.DONE]),
                name="promotion_open_once",
            ),
            models.CheckConstraint(condition=Q(state__in=PromotionState.values), name="promotion_state"),
        ]

    def __str__(self) -> str:
        return f"promotion of {self.created_at:%Y-%m-%d}"

    @property
    def left(self) -> list[str]:
        """Return sentences on what stayed as it was, and why: of the promotion, or of its undo once that was asked for."""
        notes = [note for part in self.journal.values() for note in part.values()]
        return [
            restored(note["why"])
            for note in notes
            if "why" in note and bool(note.get("undo")) is (self.undo_at is not None)
        ]


class Alert(StaffModel, Keyed):
    """A problem that staff should know of, open until it is resolved. One open alert per kind and connection."""

    kind = models.TextField(choices=AlertKind)
    connection = models.ForeignKey(ProviderConnection, null=True, on_delete=models.CASCADE, related_name="alerts")
    detail = MessageField(blank=True, default="")
    occurrences = models.IntegerField(default=1, db_default=1)
    since = models.DateTimeField(db_default=Now())
    last_at = models.DateTimeField(db_default=Now())
    resolved_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["resolved_at", "-last_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "connection"],
                condition=Q(resolved_at__isnull=True),
                nulls_distinct=False,
                name="alert_open_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}"


class RateWindow(StaffModel):
    """Times of the latest requests to a workspace (also planned ones). Unlogged, see instantly/connections/rate_limiter.py."""

    key = models.TextField(primary_key=True, help_text="Workspace and kind of call, for example …/general.")
    turns = ArrayField(models.DateTimeField())

    def __str__(self) -> str:
        return self.key


class JobRun(StaffModel):
    """Latest run of a scheduled job, written when it ends (instantly/monitoring/job_runs.py)."""

    task = models.TextField(primary_key=True)
    expected_since = models.DateTimeField(db_default=Now())
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    succeeded_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    error = models.TextField(blank=True, default="", db_default="", help_text="Of the latest failed run.")

    def __str__(self) -> str:
        return self.task


class Heartbeat(StaffModel):
    """Time at which a kind of process last worked. Written by the process itself, see instantly/monitoring/heartbeats.py."""

    process = models.TextField(primary_key=True, help_text="Its name in the Procfile, for example jobs.")
    started_at = models.DateTimeField(help_text="When the one that was seen last had started.")
    beat_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.process
