"""Admin site for staff: dashboard, access, translated names; AppConfig named in INSTALLED_APPS."""

from django.contrib.admin.apps import AdminConfig


class SalesbrainAdminConfig(AdminConfig):
    """Makes `admin.site` our site everywhere; each app's `admin.py` registers with it as usual."""

    default_site = "salesbrain.site.admin.site.SalesbrainSite"
