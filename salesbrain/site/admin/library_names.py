"""Translated names of third-party libraries' apps, models and columns in the admin.

Also texts that Django has in English only. The models are changed in memory, like ours (names.py): no library is patched on disk, and its
migrations stay as they are.
"""

from collections.abc import Mapping
from typing import Any

from django.apps import apps
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

APPS = {"knox": _("API access"), "procrastinate": _("Job queue")}
MODELS: dict[str, tuple[Promise, Promise]] = {
    "knox.AuthToken": (_("API token"), _("API tokens")),
    "procrastinate.ProcrastinateJob": (_("job"), _("jobs")),
    "procrastinate.ProcrastinateEvent": (_("job event"), _("job events")),
}
COLUMNS: dict[str, dict[str, Promise]] = {
    "knox.AuthToken": {
        "digest": _("digest"),
        "token_key": _("beginning of the token"),
        "user": _("user"),
        "created": _("created at"),
        "expiry": _("expires at"),
    },
    "procrastinate.ProcrastinateJob": {
        "id": _("id"),
        "queue_name": _("queue"),
        "task_name": _("task"),
        "priority": _("priority"),
        "lock": _("lock"),
        "queueing_lock": _("queueing lock"),
        "args": _("arguments"),
        "status": _("status"),
        "scheduled_at": _("scheduled at"),
        "attempts": _("attempts"),
    },
    "procrastinate.ProcrastinateEvent": {"type": _("type"), "at": _("at"), "job": _("job"), "id": _("id")},
}
JOB_STATUS = {
    "todo": _("Waiting"),
    "doing": _("Running"),
    "succeeded": _("Succeeded"),
    "failed": _("Failed"),
    "cancelled": _("Cancelled"),
    "aborted": _("Aborted"),
}
JOB_EVENTS = {
    "deferred": _("Queued"),
    "started": _("Started"),
    "deferred_for_retry": _("Queued for another try"),
    "failed": _("Failed"),
    "succeeded": _("Succeeded"),
    "cancelled": _("Cancelled"),
    "abort_requested": _("Abort requested"),
    "aborted": _("Aborted"),
    "scheduled": _("Scheduled"),
}
DJANGOS = (
    gettext_noop("After you’ve created a user, you’ll be able to edit more user options."),
    gettext_noop("This action will <strong>enable</strong> password-based authentication for this user."),
    gettext_noop("Disable password-based authentication"),
    gettext_noop("Enable password-based authentication"),
    gettext_noop("Conflicting form data submitted. Please try again."),
    gettext_noop("Password-based authentication was disabled."),
    gettext_noop("Set password: %s"),
    gettext_noop("Reset password"),
    gettext_noop(
        "Whether the user will be able to authenticate using a password or not. If disabled, they may still be able to authenticate "
        "using other backends, such as Single Sign-On or LDAP."
    ),
    gettext_noop("Password-based authentication"),
    gettext_noop("Enabled"),
    gettext_noop("Disabled"),
    gettext_noop("Raw passwords are not stored, so there is no way to see the user’s password."),
    gettext_noop("Enable password-based authentication for this user by setting a password."),
)
"""Texts that Django 5.2 translates into other languages only: they are in our catalogue, which goes first."""


def translate_libraries() -> None:
    """Translate names that libraries have in English only. Needs the models to be loaded."""
    for label, name in APPS.items():
        apps.get_app_config(label).verbose_name = name
    for label, names in MODELS.items():
        options: Any = apps.get_model(label)._meta
        options.verbose_name, options.verbose_name_plural = names
        for column, column_name in COLUMNS[label].items():
            options.get_field(column).verbose_name = column_name
    _choices("procrastinate.ProcrastinateJob", "status", JOB_STATUS)
    _choices("procrastinate.ProcrastinateEvent", "type", JOB_EVENTS)


def _choices(label: str, column: str, words: Mapping[str, str | Promise]) -> None:
    field: Any = apps.get_model(label)._meta.get_field(column)
    field.choices = [(value, words.get(value, name)) for value, name in field.choices]
