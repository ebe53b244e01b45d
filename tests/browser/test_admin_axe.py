"""Every list and form of the admin in a browser: accessibility, policy, console, width."""

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib import admin as django_admin
from django.db.models import Model
from django.urls import reverse
from playwright.sync_api import Page

from accounts.choices import StaffRole
from accounts.models import User
from campaigns.models import Campaign
from instantly.actions.runner import request_action
from messaging.models import Message
from salesbrain import rls
from salesbrain.site.admin.names import APPS
from tests import factories, staff_world
from tests.browser.scenes import HEIGHT, LOOKS, WIDTHS, Visit, faults, visiting
from tests.salesbrain.site.test_admin_isolation import PROOF

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PICTURES = os.environ.get("SALESBRAIN_SCREENSHOTS", "")
MODELS = sorted(django_admin.site._registry, key=lambda model: model._meta.label)

DJANGOS = {"label-title-only": re.compile(r'id="searchbar"')}
"""Elements of Django's own templates that fail a rule of axe, by rule: the label of search_form.html is an image with a text."""

COLOURS = ["color-contrast", "link-in-text-block"]
"""Rules whose result differs between the themes."""


@pytest.fixture
def world(settings, tmp_path) -> staff_world.World:
    settings.LOCAL_DIR = tmp_path
    (tmp_path / "isolation").mkdir()
    (tmp_path / "isolation" / "isolation.json").write_text(json.dumps(PROOF))
    made = staff_world.build(("Acme", "Globex"), per=1)
    boss = User.objects.create_user("boss@salesbrain.example", "boss-password", role=StaffRole.ADMIN)
    factories.token(boss)
    with rls.scope(rls.SYSTEM):
        request_action("campaign_pause", actor=boss, target=made.campaigns[0])  # and with it a job
    return made


def page(model: type[Model], name: str, *args: object) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{name}", args=args)


def first(model: type[Model]) -> object:
    with rls.scope(rls.SYSTEM):
        row = model._base_manager.only("pk").order_by("pk").first()
    return row.pk if row else None


def own_pages(world: staff_world.World) -> Iterator[str]:
    yield from ("/admin/", reverse("admin:isolation"), reverse("admin:messaging_suppression_import"))
    yield from (reverse("admin:app_list", args=[label]) for label in APPS)
    yield page(Message, "change", world.hostile.pk)
    yield from ("/admin/password_change/", "/admin/nothing/", page(Campaign, "changelist") + "?q=nothing-like-this")


def lists() -> Iterator[str]:
    yield from (page(model, "changelist") for model in MODELS)


def forms(*names: str) -> Iterator[str]:
    """Yield (name, URL) of the form of one row of each model."""
    yield from (page(model, name, key) for model in MODELS if (key := first(model)) for name in names)


def examine(visit: Visit, name: str) -> None:
    """Check the current page: console messages, axe's findings in both themes, overflow at each width."""
    window = visit.page
    visit.problems += [f"{name}: {said}" for said in visit._said]
    for width in WIDTHS:
        window.set_viewport_size({"width": width, "height": HEIGHT})
        too_wide = window.evaluate("document.scrollingElement.scrollWidth - window.innerWidth")
        if too_wide > 0:
            visit.problems.append(f"{name}: {too_wide} pixels too wide at {width}: {widest(window)}")
        picture(window, name, width)
    visit.problems += [f"{name}: {said}" for said in faults(window, DJANGOS)]
    switch_theme(window, "dark")
    window.set_viewport_size({"width": WIDTHS[0], "height": HEIGHT})
    visit.problems += [f"{name}, dark, {WIDTHS[0]}: {said}" for said in faults(window, DJANGOS, only=COLOURS)]
    picture(window, f"{name}-dark", WIDTHS[0])
    switch_theme(window, "light")
    visit._said.clear()  # what axe does to the page is no fault of the page


def switch_theme(window: Page, theme: Any) -> None:
    window.emulate_media(color_scheme=theme)
    settle(window)


def settle(window: Page) -> None:
    """Wait until colours have changed: Django lets them take 150 ms."""
    window.evaluate("Promise.all(document.getAnimations().map((each) => each.finished))")


def widest(window: Page) -> str:
    """Return the innermost element that reaches furthest to the right and is in no box that scrolls."""
    return str(
        window.evaluate(
            """[...document.querySelectorAll("body *")].filter((e) => !e.closest(".results, .sb-scroll"))
            .map((e) => [e.getBoundingClientRect().right, e]).sort((a, b) => a[0] - b[0])
            .map(([, e]) => e.outerHTML.slice(0, 150)).pop()"""
        )
    )


def picture(window: Page, name: str, width: int) -> None:
    if PICTURES:
        file = re.sub(r"[^a-z]+", "-", re.sub(r"[0-9a-f-]{36}", "", name.lower())).strip("-")
        window.screenshot(path=Path(PICTURES) / f"{file}-{width}.png", full_page=width < 500)


def examine_all(browser, base_url: str, admin: User, look, addresses: list[str]) -> list[str]:
    User.objects.filter(pk=admin.pk).update(language=look.language[:2])
    with visiting(browser, base_url, look, admin) as visit:
        for address in addresses:
            visit._said.clear()
            answer = visit.page.goto(address)
            if answer is not None and answer.status == 403:
                continue  # nothing is added or deleted there
            if answer is not None and answer.status == 404:  # the browser says so in its console
                visit._said[:] = [said for said in visit._said if "Failed to load resource" not in said]
            examine(visit, address)
        return sorted(set(visit.problems))


IN_BOTH_LANGUAGES = pytest.mark.parametrize("look", [LOOKS[0], LOOKS[2]], ids=["English", "German"])


@IN_BOTH_LANGUAGES
def test_pages_of_our_own_in_the_admin(browser, live_server, admin, world, look):
    problems = examine_all(browser, live_server.url, admin, look, list(own_pages(world)))
    assert not problems, "\n".join(problems)


@IN_BOTH_LANGUAGES
def test_every_list_of_the_admin(browser, live_server, admin, world, look):
    problems = examine_all(browser, live_server.url, admin, look, list(lists()))
    assert not problems, "\n".join(problems)


@IN_BOTH_LANGUAGES
def test_every_form_of_the_admin(browser, live_server, admin, world, look):
    addresses = [*forms("change"), *(page(model, "add") for model in MODELS)]
    problems = examine_all(browser, live_server.url, admin, look, addresses)
    assert not problems, "\n".join(problems)


def test_every_history_and_every_question_before_a_row_is_deleted(browser, live_server, admin, world):
    problems = examine_all(browser, live_server.url, admin, LOOKS[2], list(forms("delete", "history")))
    assert not problems, "\n".join(problems)
