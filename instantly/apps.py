"""Django app `instantly`: everything that is specific to the provider Instantly.ai."""

from django.apps import AppConfig


class InstantlyConfig(AppConfig):
    name = "instantly"
    verbose_name = "Instantly"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from instantly import (
            finding_rules,  # noqa: F401  registers its rules
            messages,  # noqa: F401  registers its sentences
        )
        from messaging.inbox import feed_facts

        feed_facts.register("instantly.monitoring.organization_feed.feed_of_organizations")
