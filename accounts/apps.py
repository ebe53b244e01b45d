from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "Accounts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from django.db.models.signals import post_migrate

        from accounts import security_audit
        from accounts.services import make_house
        from salesbrain.kernel import security_events

        post_migrate.connect(make_house, sender=self)
        security_events.noted.connect(security_audit.audit)
