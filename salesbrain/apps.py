"""Django app `salesbrain`, the kernel: system checks, database grants after every migration."""

from django.apps import AppConfig
from django.conf import settings
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate


class SalesbrainConfig(AppConfig):
    """Kernel's AppConfig; last in INSTALLED_APPS, so that its `post_migrate` runs when all tables exist."""

    name = "salesbrain"
    verbose_name = "Salesbrain"

    def ready(self) -> None:
        from salesbrain.kernel import db
        from salesbrain.replica import checks as replica_checks  # noqa: F401  registers its system check
        from salesbrain.rls import checks  # noqa: F401  registers the system checks

        post_migrate.connect(apply_grants, sender=self)
        if settings.SENTRY_DSN:
            from salesbrain.kernel import error_reports

            error_reports.start(settings.SENTRY_DSN)
        if settings.OTEL_EXPORTER_OTLP_ENDPOINT:
            from salesbrain.kernel import tracing

            tracing.start(settings.OTEL_EXPORTER_OTLP_ENDPOINT, share=settings.OTEL_TRACES_SAMPLER_ARG)
        connection_created.connect(db.close_on_thread_exit)


def apply_grants(using: str, **_: object) -> None:
    """Grant sb_app and sb_staff their rights on each table; runs as the owner, after every migrate and flush."""
    from salesbrain.rls import grants

    if using == "owner":
        grants.apply(using=using)
