"""Django app of contacts, messages, events and stats."""

from django.apps import AppConfig


class MessagingConfig(AppConfig):
    name = "messaging"
    verbose_name = "Messaging"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from django.utils.translation import gettext_lazy as _

        from salesbrain.web.navigation import Entry, register

        register(Entry("overview", _("Overview"), "overview", "house", order=10))
        register(Entry("campaigns", _("Campaigns"), "campaigns", "megaphone", order=30))
        register(Entry("email_accounts", _("Email accounts"), "email_accounts", "mail", order=40))
        register(Entry("contacts", _("Contacts"), "contacts", "users", order=50))
        register(Entry("messages", _("Messages"), "messages", "activity", order=60))
        register(Entry("stats", _("Stats"), "stats", "chart-column", order=70))
