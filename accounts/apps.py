"""Django app `accounts`: organizations, users, connections and email accounts."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("Accounts")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from django.db.models.signals import post_migrate, post_save, pre_save

        from accounts import (
            checks,  # noqa: F401  registers the system checks
            security_audit,
            token_revocation,
        )
        from accounts.models import User
        from accounts.services import make_house
        from salesbrain.kernel import security_events

        post_migrate.connect(make_house, sender=self)
        pre_save.connect(token_revocation.remember_reason, sender=User)
        post_save.connect(token_revocation.revoke, sender=User)
        security_events.noted.connect(security_audit.audit)
        _register_settings()


def _register_settings() -> None:
    from django.utils.translation import gettext_lazy as _

    from salesbrain.web.navigation import Entry, register

    labels = {
        "settings": _("Profile"),
        "password": _("Password"),
        "second_factor": _("Second factor"),
        "tokens": _("API tokens"),
        "team": _("Team"),
    }
    for order, (route, label) in enumerate(labels.items()):
        register(Entry(route, label, route, "", order * 10, menu="settings"))
