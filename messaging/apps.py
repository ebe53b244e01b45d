"""Django app `messaging`: contacts, messages, events, conversations and stats."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MessagingConfig(AppConfig):
    name = "messaging"
    verbose_name = _("Messaging")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from django.utils.translation import gettext_lazy as _

        from messaging import messages  # noqa: F401  registers its sentences
        from salesbrain.web.navigation import Entry, register

        register(Entry("overview", _("Overview"), "overview", "house", order=10, key="g o"))
        register(Entry("inbox", _("Inbox"), "inbox", "inbox", order=20, key="g i"))
        register(Entry("follow_ups", _("Follow-ups"), "follow_ups", "clock", order=25, key="g f"))
        register(Entry("campaigns", _("Campaigns"), "campaigns", "megaphone", order=30, key="g c"))
        register(Entry("email_accounts", _("Email accounts"), "email_accounts", "mail", order=40, key="g e"))
        register(Entry("contacts", _("Contacts"), "contacts", "users", order=50, key="g p"))
        register(Entry("messages", _("Messages"), "messages", "activity", order=60, key="g m"))
        register(Entry("stats", _("Stats"), "stats", "chart-column", order=70, key="g s"))
        register(Entry("goals", _("Goals"), "goals", "", order=45, menu="settings"))
        register(Entry("scores", _("Scores"), "scores", "", order=47, menu="settings"))
        register(Entry("triage", _("Triage"), "triage", "", order=48, menu="settings"))
        register(Entry("snippets", _("Snippets"), "snippets", "", order=46, menu="settings"))
        register(Entry("follow_up_settings", _("Follow-ups"), "follow_up_settings", "", order=49, menu="settings"))
        log = Entry(
            "access_log", _("Access log"), "access_log", "", order=60, menu="settings", permission="read_access_log"
        )
        register(log)
