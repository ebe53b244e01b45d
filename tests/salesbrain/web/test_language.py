"""Language of a request: its own, never that of the previous request."""

import pytest
from django.test import Client
from django.utils import translation

from accounts.models import User
from salesbrain.web.language import language_of
from tests.salesbrain.web.pages import client_of

pytestmark = pytest.mark.django_db
GERMAN = {"accept-language": "de-DE,de;q=0.9,en;q=0.5"}


def test_a_stranger_reads_the_browsers_language():
    assert "Anmelden" in Client().get("/login", headers=GERMAN).content.decode()
    assert "Log in" in Client().get("/login", headers={"accept-language": "fr"}).content.decode()


def test_the_users_choice_goes_before_the_browsers(customer):
    User.objects.filter(pk=customer.pk).update(language="en")
    assert "Settings" in client_of(customer).get("/settings", headers=GERMAN).content.decode()
    User.objects.filter(pk=customer.pk).update(language="de")
    assert "Einstellungen" in client_of(customer).get("/settings").content.decode()


def test_no_language_is_left_on_the_thread(customer, api):
    User.objects.filter(pk=customer.pk).update(language="de")
    before = translation.get_language()
    client_of(customer).get("/settings")
    assert translation.get_language() == before
    Client().get("/nothing-here", headers=GERMAN)
    assert translation.get_language() == before


def test_the_fast_path_of_the_api_runs_in_the_callers_language(customer, api, monkeypatch):
    seen = []
    from campaigns.api import views

    real = views.CampaignViewSet.list
    monkeypatch.setattr(
        views.CampaignViewSet, "list", lambda *a, **k: seen.append(translation.get_language()) or real(*a, **k)
    )
    User.objects.filter(pk=customer.pk).update(language="de")
    api(customer).get("/api/instantly/campaigns")
    api(customer).get("/api/instantly/campaigns", headers=GERMAN)
    assert seen == ["en", "de"]


def test_the_admin_is_in_the_language_of_its_user(admin):
    User.objects.filter(pk=admin.pk).update(language="de")
    answer = client_of(admin).get("/admin/accounts/user/")
    assert 'lang="de"' in answer.content.decode() and answer["Content-Language"] == "de"


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/webhooks/instantly/webhook"])
def test_responses_for_programs_are_the_same_in_every_language(client, path):
    english, german = client.get(path), client.get(path, headers=GERMAN)
    assert english.content == german.content and "Content-Language" not in german


def test_responses_vary_by_language_for_caches(client):
    assert "Accept-Language" in client.get("/login")["Vary"]


def test_the_language_is_known_before_django_has_a_request():
    assert language_of({"HTTP_ACCEPT_LANGUAGE": "de"}) == "de"
    assert language_of({}) == "en"
