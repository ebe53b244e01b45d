"""Admin site for staff: dashboard, access, translated names; AppConfig named in INSTALLED_APPS."""

from django.contrib.admin.apps import AdminConfig


class SalesbrainAdminConfig(AdminConfig):
    """`admin.site` everywhere is our site; `admin.py` of every app registers with it as usual."""

    default_site = "salesbrain.site.admin.site.SalesbrainSite"
