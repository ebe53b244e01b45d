"""German admin: names of models and columns, lists, dashboard."""

import re

import pytest
from django.contrib import admin
from django.core.exceptions import FieldDoesNotExist
from django.utils import translation

from accounts.models import User
from salesbrain.site.admin.names import APPS, NAMES
from tests.salesbrain.web.pages import client_of

pytestmark = pytest.mark.django_db
OURS = [(model, page) for model, page in admin.site._registry.items() if model._meta.app_label in APPS]


def columns(page):
    """Return the names of all columns that an admin page may show."""
    sets = [name for _, options in page.fieldsets or () for name in options["fields"]]
    return [
        name
        for name in (*page.list_display, *(page.fields or ()), *page.readonly_fields, *sets)
        if isinstance(name, str)
    ]


@pytest.mark.parametrize(("model", "page"), OURS, ids=lambda value: getattr(value, "__name__", None))
def test_every_name_the_admin_shows_is_in_the_table(model, page):
    options = model._meta
    shown = [options.verbose_name, options.verbose_name_plural]
    for name in columns(page):
        try:
            shown.append(options.get_field(name).verbose_name)
        except (FieldDoesNotExist, AttributeError):
            continue  # a method of the page, or what refers to the row, has its own description
    missing = {str(name) for name in shown} - NAMES
    assert not missing, "add them to salesbrain/site/admin/names.py and run `make translations`"


@pytest.mark.parametrize("model", [model for model, _ in OURS], ids=lambda model: model.__name__)
def test_every_list_opens_in_german(admin, model):
    User.objects.filter(pk=admin.pk).update(language="de")
    options = model._meta
    page = client_of(admin).get(f"/admin/{options.app_label}/{options.model_name}/").content.decode()
    with translation.override("de"):
        title = str(options.verbose_name_plural)
    assert 'lang="de"' in page and title in page


def test_the_dashboard_is_german(admin, acme_connection):
    User.objects.filter(pk=admin.pk).update(language="de")
    page = client_of(admin).get("/admin/").content.decode()
    words = re.sub(r"<[^>]+>", " ", page)
    assert "Heute" in words and "Handlungsbedarf" in words and "Ereignisse vollständig seit" in words
    for english in ("Needs attention", "Email accounts", "Last sync", "Never tried"):
        assert english not in words
