"""Staff's door: Django's admin on a site of our own. INSTALLED_APPS names the configuration, Django loads the site from it."""

from django.contrib.admin.apps import AdminConfig


class SalesbrainAdminConfig(AdminConfig):
    """`admin.site` everywhere is our site; `admin.py` of every app registers with it as usual."""

    default_site = "salesbrain.site.admin.site.SalesbrainSite"
