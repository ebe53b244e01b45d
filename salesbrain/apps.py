"""Django app `salesbrain`, the kernel: system checks, database grants after every migration."""

from django.apps import AppConfig
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate


class SalesbrainConfig(AppConfig):
    """Last in INSTALLED_APPS, so that its `post_migrate` sees every table there is."""

    name = "salesbrain"
    verbose_name = "Salesbrain"

    def ready(self) -> None:
        from salesbrain.kernel import db
        from salesbrain.rls import checks  # noqa: F401  registers the system checks

        post_migrate.connect(apply_grants, sender=self)
        connection_created.connect(db.close_on_thread_exit)


def apply_grants(using: str, **_: object) -> None:
    """Give sb_app and sb_staff what they may do with each table; runs as the owner, after every migrate and flush."""
    from salesbrain.rls import grants

    if using == "owner":
        grants.apply(using=using)
