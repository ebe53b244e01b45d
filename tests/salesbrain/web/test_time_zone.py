"""Time zones of pages: times in the reader's zone, days of figures in UTC."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from messaging.models import Message
from tests import factories
from tests.salesbrain.web.pages import client_of, texts_of

pytestmark = pytest.mark.django_db
AT = datetime(2026, 7, 10, 22, 30, tzinfo=UTC)
SHOWN = {"": "22:30", "Europe/Berlin": "00:30", "America/New_York": "18:30", "Asia/Kolkata": "04:00"}


@pytest.fixture
def message(acme_connection) -> Message:
    return factories.message(
        factories.campaign(acme_connection), subject="Hello", happened_at=AT, sent_at=AT, direction="out"
    )


def page_of(user: User, address: str, zone: str, language: str = "en") -> str:
    User.objects.filter(pk=user.pk).update(time_zone=zone, language=language)
    answer: Any = client_of(user).get(address)
    assert answer.status_code == 200, address
    return " ".join(texts_of(answer.content.decode()))


@pytest.mark.parametrize("zone", SHOWN, ids=lambda zone: zone or "none chosen")
@pytest.mark.parametrize("language", ["en", "de"])
def test_a_page_shows_the_hour_of_the_readers_zone(customer, message, zone, language):
    for address in ("/messages", f"/contacts/{message.contact_id}"):
        page = page_of(customer, address, zone, language)
        assert [hour for hour in SHOWN.values() if hour in page] == [SHOWN[zone]], address


def test_the_day_depends_on_the_readers_zone_too(customer, message):
    address = f"/contacts/{message.contact_id}"
    assert "11" in page_of(customer, address, "Europe/Berlin").split("00:30")[0][-40:]
    assert "10" in page_of(customer, address, "America/New_York").split("18:30")[0][-40:]


def test_the_zone_of_one_request_is_not_the_next_ones(customer, stranger, message):
    before = timezone.get_current_timezone_name()
    page_of(customer, "/messages", "Asia/Kolkata")
    assert timezone.get_current_timezone_name() == before
    assert Client().get("/login").status_code == 200 and timezone.get_current_timezone_name() == before


def test_staff_read_in_their_own_zone(viewer, message):
    assert "04:00" in page_of(viewer, "/messages", "Asia/Kolkata")


@pytest.mark.parametrize(("language", "words"), [("en", "UTC"), ("de", "UTC")])
def test_pages_of_figures_say_that_their_days_are_utc(customer, message, language, words):
    assert words in page_of(customer, "/stats", "Europe/Berlin", language)
