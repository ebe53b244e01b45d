"""Django app of the provider Instantly.ai."""

from django.apps import AppConfig


class InstantlyConfig(AppConfig):
    name = "instantly"
    verbose_name = "Instantly"
    default_auto_field = "django.db.models.BigAutoField"
