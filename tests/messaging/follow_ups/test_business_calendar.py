"""Public holidays of an organization: set by owners on page and API, avoided by follow-ups."""

from datetime import UTC, date, datetime, timedelta

import pytest

from accounts.choices import MembershipRole
from accounts.models import AuditEntry
from accounts.permissions import RoleTooLow
from messaging.follow_ups import business_calendar
from messaging.follow_ups.business_calendar import COUNTRIES, UnknownCountry, coming_holidays, parts_of
from messaging.follow_ups.listing import listed
from messaging.follow_ups.preferences import Country
from messaging.models import FollowUpSettings
from salesbrain import rls
from tests import factories
from tests.messaging.follow_ups.world import conversation, person, received
from tests.salesbrain.web.pages import client_of

pytestmark = pytest.mark.django_db
LABOUR_DAY = datetime(2026, 5, 1, 9, tzinfo=UTC)  # a Friday
API = "/api/instantly/follow-ups/settings"


def chosen(organization, user, role=MembershipRole.OWNER, **given) -> bool:
    return business_calendar.set_country(rls.customer(organization.pk, role), by=user, now=LABOUR_DAY, **given)


def test_a_suggestion_falls_on_no_public_holiday_of_the_organization(acme, acme_connection, customer):
    ann = person(factories.campaign(acme_connection), "ann")
    received(factories.campaign(acme_connection), ann, LABOUR_DAY - timedelta(days=1), "question", asks="reply")
    conversation(ann, LABOUR_DAY - timedelta(days=1))

    def day() -> date | None:
        with rls.scope(rls.customer(acme.pk)):
            (row,) = listed([acme.pk], now=LABOUR_DAY).rows
        return row.on

    assert day() == date(2026, 5, 1)
    assert chosen(acme, customer, country="DE")
    assert day() == date(2026, 5, 4)
    assert not chosen(acme, customer, country="DE")
    with rls.scope(rls.SYSTEM):
        assert AuditEntry.objects.filter(action="follow_ups.country").count() == 1


@pytest.mark.parametrize(
    "given",
    [{"country": "XX"}, {"country": "DE", "subdivision": "ZH"}, {"subdivision": "BY"}],
    ids=["an unknown country", "a part of another country", "a part of none"],
)
def test_unknown_countries_and_parts_are_refused(acme, customer, given):
    with pytest.raises(UnknownCountry):
        chosen(acme, customer, **given)


def test_members_set_no_country(acme, customer):
    with pytest.raises(RoleTooLow):
        chosen(acme, customer, MembershipRole.MEMBER, country="DE")


def test_every_country_offered_has_holidays():
    for code in COUNTRIES:
        assert coming_holidays(Country(code), today=date(2026, 1, 1)), code


def test_parts_are_offered_by_name():
    assert ("BY", "Bayern") in parts_of("DE") and parts_of("XX") == ()


def test_the_page_shows_the_holidays_of_the_country_that_was_saved(acme, customer):
    client = client_of(customer)
    assert "Coming holidays" not in client.get("/settings/follow-ups").content.decode()
    form = {"organization": str(acme.pk), "country": "DE"}
    assert client.post("/settings/follow-ups", form).status_code == 302
    html = client.get("/settings/follow-ups").content.decode()
    assert "Coming holidays" in html and "Bayern" in html
    client.post("/settings/follow-ups", {**form, "subdivision": "BY"})
    client.post("/settings/follow-ups", {**form, "country": "CH", "subdivision": "BY"})
    with rls.scope(rls.SYSTEM):
        row = FollowUpSettings.objects.get()
    assert (row.country, row.subdivision) == ("CH", ""), "a part of the country before is dropped"
    client.post("/settings/follow-ups", {**form, "country": "XX"})
    with rls.scope(rls.SYSTEM):
        assert FollowUpSettings.objects.get().country == "CH"


def test_the_page_shows_members_what_holds_without_a_form(acme, customer):
    chosen(acme, customer, country="AT", subdivision="9")
    member = client_of(factories.customer("m@acme.example", acme, role=MembershipRole.MEMBER))
    html = member.get("/settings/follow-ups").content.decode()
    assert "Austria, Wien" in html and 'name="country"' not in html
    assert member.post("/settings/follow-ups", {"organization": str(acme.pk), "country": "DE"}).status_code == 403


def test_staff_who_look_at_all_organizations_choose_one_first(operator):
    assert "Choose one at the top" in client_of(operator).get("/settings/follow-ups").content.decode()


def test_the_api_sets_and_shows_the_country_for_owners(acme, customer, api):
    client = api(customer)
    assert client.get(API).json()["data"]["holidays"] == []
    data = client.put(API, {"country": "DE", "subdivision": "BY"}, format="json").json()["data"]
    assert (data["country"], data["subdivision"]) == ("DE", "BY") and data["holidays"]
    assert client.put(API, {"country": "DE", "subdivision": "ZH"}, format="json").status_code == 400
    member = factories.customer("m@acme.example", acme, role=MembershipRole.MEMBER)
    assert api(member).put(API, {"country": "AT"}, format="json").status_code == 403
