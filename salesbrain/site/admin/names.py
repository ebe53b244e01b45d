"""Names and help texts of models and columns on admin pages, translated without a migration.

Django makes them of the names in the code. They are translated on the models in memory and not in the models' source, where a name
given to each of 200 columns would be repeated in the migrations; those see the names as before.
"""

from typing import Any

from django.apps import apps
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy, gettext_noop

from salesbrain.site.admin.help_texts import HELP_TEXTS
from salesbrain.site.admin.library_names import translate_libraries

APPS = ("accounts", "campaigns", "messaging", "instantly")
NAMES = frozenset({
    gettext_noop("accepted at"),
    gettext_noop("access entries"),
    gettext_noop("access entry"),
    gettext_noop("action"),
    gettext_noop("action id"),
    gettext_noop("actions"),
    gettext_noop("actor name"),
    gettext_noop("acts as workspace"),
    gettext_noop("address"),
    gettext_noop("alert"),
    gettext_noop("alerts"),
    gettext_noop("assigned at"),
    gettext_noop("assignment rule"),
    gettext_noop("assignment rules"),
    gettext_noop("at"),
    gettext_noop("attempts"),
    gettext_noop("audit entries"),
    gettext_noop("audit entry"),
    gettext_noop("auto replies"),
    gettext_noop("bounced at"),
    gettext_noop("bounces"),
    gettext_noop("campaign"),
    gettext_noop("campaigns"),
    gettext_noop("click count"),
    gettext_noop("click times"),
    gettext_noop("clicked at"),
    gettext_noop("clicks"),
    gettext_noop("company"),
    gettext_noop("complained at"),
    gettext_noop("complaints"),
    gettext_noop("connection"),
    gettext_noop("connection id"),
    gettext_noop("contact"),
    gettext_noop("contacts"),
    gettext_noop("conversation id"),
    gettext_noop("copy of"),
    gettext_noop("created at"),
    gettext_noop("daily limit"),
    gettext_noop("daily stats"),
    gettext_noop("day"),
    gettext_noop("deliveries"),
    gettext_noop("delivery"),
    gettext_noop("detail"),
    gettext_noop("direction"),
    gettext_noop("email"),
    gettext_noop("email account"),
    gettext_noop("email accounts"),
    gettext_noop("email id"),
    gettext_noop("event"),
    gettext_noop("event type"),
    gettext_noop("events"),
    gettext_noop("expires at"),
    gettext_noop("figure"),
    gettext_noop("finding"),
    gettext_noop("findings"),
    gettext_noop("finished at"),
    gettext_noop("first at"),
    gettext_noop("first name"),
    gettext_noop("first seen at"),
    gettext_noop("floor"),
    gettext_noop("happened at"),
    gettext_noop("held"),
    gettext_noop("held at"),
    gettext_noop("id"),
    gettext_noop("imap host"),
    gettext_noop("interest"),
    gettext_noop("interest at"),
    gettext_noop("interested"),
    gettext_noop("invitation"),
    gettext_noop("invitations"),
    gettext_noop("invited by name"),
    gettext_noop("is active"),
    gettext_noop("is auto reply"),
    gettext_noop("is house"),
    gettext_noop("is unread"),
    gettext_noop("is variant unsure"),
    gettext_noop("kind"),
    gettext_noop("language"),
    gettext_noop("last at"),
    gettext_noop("last login"),
    gettext_noop("last name"),
    gettext_noop("last synced at"),
    gettext_noop("lead email"),
    gettext_noop("lift reason"),
    gettext_noop("lifted at"),
    gettext_noop("lifted by"),
    gettext_noop("limit"),
    gettext_noop("link tracking"),
    gettext_noop("machine click count"),
    gettext_noop("machine clicks"),
    gettext_noop("machine open count"),
    gettext_noop("machine opens"),
    gettext_noop("mail provider"),
    gettext_noop("mail provider code"),
    gettext_noop("meeting at"),
    gettext_noop("meetings"),
    gettext_noop("membership"),
    gettext_noop("memberships"),
    gettext_noop("message"),
    gettext_noop("messages"),
    gettext_noop("missing since"),
    gettext_noop("name"),
    gettext_noop("named at"),
    gettext_noop("next try at"),
    gettext_noop("not interested"),
    gettext_noop("not sending"),
    gettext_noop("occurrences"),
    gettext_noop("open count"),
    gettext_noop("open times"),
    gettext_noop("open tracking"),
    gettext_noop("opened at"),
    gettext_noop("opens"),
    gettext_noop("organization"),
    gettext_noop("organization id"),
    gettext_noop("organizations"),
    gettext_noop("origin"),
    gettext_noop("party"),
    gettext_noop("password"),
    gettext_noop("payload"),
    gettext_noop("pending"),
    gettext_noop("phone"),
    gettext_noop("position"),
    gettext_noop("priority"),
    gettext_noop("provider"),
    gettext_noop("provider connection"),
    gettext_noop("provider connections"),
    gettext_noop("provider created at"),
    gettext_noop("provider id"),
    gettext_noop("provider updated at"),
    gettext_noop("raw"),
    gettext_noop("reason"),
    gettext_noop("received at"),
    gettext_noop("recorded at"),
    gettext_noop("replied at"),
    gettext_noop("replies"),
    gettext_noop("requests"),
    gettext_noop("resolved at"),
    gettext_noop("revoked at"),
    gettext_noop("role"),
    gettext_noop("rule"),
    gettext_noop("sample"),
    gettext_noop("schedule"),
    gettext_noop("senders"),
    gettext_noop("sending gap"),
    gettext_noop("sent"),
    gettext_noop("sent at"),
    gettext_noop("sequences"),
    gettext_noop("severity"),
    gettext_noop("since"),
    gettext_noop("slug"),
    gettext_noop("smtp host"),
    gettext_noop("snooze reason"),
    gettext_noop("snoozed by"),
    gettext_noop("snoozed until"),
    gettext_noop("staff interest"),
    gettext_noop("staff interest at"),
    gettext_noop("started at"),
    gettext_noop("state"),
    gettext_noop("status"),
    gettext_noop("status at"),
    gettext_noop("status code"),
    gettext_noop("status reason"),
    gettext_noop("step"),
    gettext_noop("subject"),
    gettext_noop("suppression"),
    gettext_noop("suppressions"),
    gettext_noop("sync run"),
    gettext_noop("sync runs"),
    gettext_noop("synced at"),
    gettext_noop("target id"),
    gettext_noop("target name"),
    gettext_noop("target type"),
    gettext_noop("text at"),
    gettext_noop("thread id"),
    gettext_noop("trigger"),
    gettext_noop("type"),
    gettext_noop("unique clicks"),
    gettext_noop("unique machine clicks"),
    gettext_noop("unique machine opens"),
    gettext_noop("unique opens"),
    gettext_noop("unique replies"),
    gettext_noop("unsubscribed at"),
    gettext_noop("unsubscribes"),
    gettext_noop("until"),
    gettext_noop("updated at"),
    gettext_noop("user"),
    gettext_noop("users"),
    gettext_noop("value"),
    gettext_noop("variant"),
    gettext_noop("warmup limit"),
    gettext_noop("warmup score"),
    gettext_noop("warmup status"),
    gettext_noop("warmup status code"),
    gettext_noop("website"),
    gettext_noop("workspace id"),
    gettext_noop("workspace name"),
})  # fmt: skip
"""What the admin shows of our models. One that is missing stays English: a test names it."""


RENAMED: dict[str, tuple[Any, Any]] = {
    "instantly.Held": (gettext_lazy("held delivery"), gettext_lazy("held deliveries")),
    "instantly.Pending": (gettext_lazy("pending delivery"), gettext_lazy("pending deliveries")),
    "messaging.DailyStats": (gettext_lazy("stats of a day"), gettext_lazy("stats by day")),
    "instantly.StaffAction": (gettext_lazy("staff action"), gettext_lazy("staff actions")),
}
"""What pages call a model whose name in the code says too little; singular and plural."""


def translate_names() -> None:
    """Make the names of our models and columns follow the language of the request. Needs the models to be loaded."""
    with translation.override("en"):
        for label in APPS:
            for model in apps.get_app_config(label).get_models():
                _translate(model._meta)
                if model._meta.label in RENAMED:
                    model._meta.verbose_name, model._meta.verbose_name_plural = RENAMED[model._meta.label]
        translate_libraries()


def _translate(options: Any) -> None:
    """The plural first: Django makes it of the singular when it is read."""
    options.verbose_name_plural = _translated(options.verbose_name_plural)
    options.verbose_name = _translated(options.verbose_name)
    for field in options.local_fields:
        field.verbose_name = _translated(field.verbose_name)
        if str(field.help_text) in HELP_TEXTS:
            field.help_text = gettext_lazy(str(field.help_text))


def _translated(name: str | Promise | None) -> str | Promise | None:
    return gettext_lazy(str(name)) if str(name) in NAMES else name
