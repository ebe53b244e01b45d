"""Stored scores: equal to their rows, fit from the mapping, outcome by band, list and settings pages."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.core.management import call_command

from accounts.choices import MembershipRole
from accounts.models import AuditEntry
from accounts.permissions import RoleTooLow
from instantly.erasure import erase_contact
from messaging.contact_engagement import engagement_of
from messaging.models import Contact, ContactScore, ContactVariables, Message, MessageCategory, ScoringSettings
from messaging.scores import fit_mapping, scoring
from messaging.scores.fit_mapping import InvalidMapping
from salesbrain import rls
from tests import factories
from tests.messaging.follow_ups.world import person, received, sent
from tests.salesbrain.web.pages import client_of

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 8, 12, 12, tzinfo=UTC)


@pytest.fixture
def campaign(acme_connection):
    return factories.campaign(acme_connection)


@pytest.fixture
def ann(campaign):
    """Create Ann, a contact who opened two mails and then asked for a meeting."""
    contact = person(campaign, "ann", first_name="Ann")
    sent(campaign, contact, NOW - timedelta(days=5), opened_at=NOW - timedelta(days=4), open_count=2)
    received(campaign, contact, NOW - timedelta(days=3), "meeting")
    return contact


def mapped(acme, user, **given):
    return fit_mapping.set_mapping(rls.customer(acme.pk, MembershipRole.OWNER), by=user, now=NOW, **given)


def variables(campaign, contact, **values):
    with rls.scope(rls.SYSTEM):
        ContactVariables.objects.create(
            id=contact.pk, organization=contact.organization, campaign=campaign, variables=values, told_at=NOW
        )


def stored(contact) -> ContactScore:
    with rls.scope(rls.SYSTEM):
        return ContactScore.objects.get(pk=contact.pk)


def test_a_stored_score_equals_the_sum_of_the_rows(campaign, acme, ann):
    assert scoring.score_organization(acme.pk, now=NOW) == 1
    with rls.scope(rls.customer(acme.pk)):
        live = engagement_of(Contact.objects.get(pk=ann.pk), now=NOW)
    assert stored(ann).points == live.score == sum(row.points for row in live.rows) > 0
    assert stored(ann).band == "1"


def test_fit_comes_from_the_mapped_variables_and_is_part_of_the_band(campaign, acme, ann, customer):
    with rls.scope(rls.SYSTEM):
        variables(campaign, ann, position="Geschäftsführerin", employees="120")
    assert mapped(acme, customer, title="position", employees="employees", employees_from=50, employees_to=500)
    scoring.score_organization(acme.pk, now=NOW)
    assert stored(ann).band == "A1"
    assert not mapped(acme, customer, title="position", employees="employees", employees_from=50, employees_to=500)
    with rls.scope(rls.SYSTEM):
        assert AuditEntry.objects.filter(action="scoring.mapping").count() == 1


@pytest.mark.parametrize(
    "given",
    [{"title": "x" * 101}, {"employees_from": 10, "employees_to": 5}, {"industries": [str(n) for n in range(51)]}],
    ids=["a long name", "an empty range", "too many industries"],
)
def test_an_invalid_mapping_is_refused(acme, customer, given):
    with pytest.raises(InvalidMapping):
        mapped(acme, customer, **given)


def test_members_cannot_set_the_mapping(acme, customer):
    with pytest.raises(RoleTooLow):
        fit_mapping.set_mapping(rls.customer(acme.pk, MembershipRole.MEMBER), by=customer, now=NOW, title="x")


def test_a_contact_who_refused_is_excluded_instead_of_scored_low(campaign, acme):
    gus = person(campaign, "gus", unsubscribed_at=NOW - timedelta(days=1))
    scoring.score_organization(acme.pk, now=NOW)
    assert (stored(gus).band, stored(gus).points, stored(gus).excluded) == ("", None, "unsubscribed")


def outcomes(campaign, *, clicked: int, positive_clicked: int, quiet: int, positive_quiet: int) -> None:
    """Create contacts of this quarter who clicked several mails before they answered, and others who did not."""
    mails, sorted_as, people = [], [], []
    for number in range(clicked + quiet):
        own, clicks = Contact.objects.at(campaign.organization_id, f"p{number}@o.example"), number < clicked
        own.first_seen_at = NOW
        people.append(own)
        for day in range(4):
            at = NOW - timedelta(days=10 - day)
            did = {"clicked_at": at, "click_count": 1, "opened_at": at, "open_count": 1} if clicks else {}
            mails.append(_mail(campaign, own, at, "out", step=day + 1, **did))
        if number < positive_clicked or clicked <= number < clicked + positive_quiet:
            mails.append(_mail(campaign, own, NOW - timedelta(days=5), "in"))
            sorted_as.append(
                MessageCategory(
                    id=mails[-1].pk, organization_id=own.organization_id, category="interested", predicted="interested", p=1,
                    candidates=[], source="model", version="v",
                )
            )  # fmt: skip
    with rls.scope(rls.SYSTEM):
        Contact.objects.bulk_create(people)
        Message.objects.bulk_create(mails)
        MessageCategory.objects.bulk_create(sorted_as)


def _mail(campaign, contact, at, direction, **fields):
    return Message(
        id=uuid4(), organization_id=contact.organization_id, campaign=campaign, contact=contact, direction=direction,
        happened_at=at, sent_at=at, **fields,
    )  # fmt: skip


def test_outcome_by_band_says_where_the_score_predicts(campaign, acme):
    outcomes(campaign, clicked=10, positive_clicked=8, quiet=40, positive_quiet=2)
    this, before = scoring.quarters(acme.pk, now=NOW)
    counted = {band.name: (band.contacts, band.positives) for band in this.bands}
    assert counted == {"1": (0, 0), "2": (10, 8), "3": (40, 2)}, "each as just before the first reply"
    assert this.verdict.predicts and this.verdict.base_rate == 0.2
    assert this.bands[1].low < 0.8 < this.bands[1].high
    assert before.verdict.base_rate is None and (before.year, before.number) == (2026, 2)


def test_a_score_that_does_not_predict_is_reported_and_sorts_nothing(campaign, acme, customer):
    outcomes(campaign, clicked=10, positive_clicked=2, quiet=40, positive_quiet=8)
    scoring.score_organization(acme.pk, now=NOW)
    client = client_of(customer)
    page = client.get("/settings/scores").content.decode()
    assert "This score does not predict for you" in page and "own ones need 1,000 contacts and 120" in page
    assert client.get("/contacts?order=-points").context["order"] == "-updated_at"
    assert "order=-points" not in client.get("/contacts").content.decode()


def test_a_score_that_predicts_sorts_and_filters_the_list(campaign, acme, customer, ann):
    outcomes(campaign, clicked=10, positive_clicked=8, quiet=40, positive_quiet=2)
    scoring.score_organization(acme.pk, now=NOW)
    client = client_of(customer)
    rows = client.get("/contacts?order=-points").context["shown"].rows
    points = [row.points for row in rows]
    assert points == sorted(points, reverse=True) and points[0] > 0
    assert {row.band for row in client.get("/contacts?band=1").context["shown"].rows} == {"1"}
    assert client.get("/contacts?band=b2").context["shown"].rows == []


def test_too_few_cases_are_no_verdict_and_sort_nothing(campaign, acme, customer):
    outcomes(campaign, clicked=5, positive_clicked=4, quiet=10, positive_quiet=0)
    scoring.score_organization(acme.pk, now=NOW)
    with rls.scope(rls.SYSTEM):
        assert ScoringSettings.objects.get(pk=acme.pk).predicts is None
    client = client_of(customer)
    page = client.get("/settings/scores").content.decode()
    assert "Too few cases to judge the score" in page and "does not predict" not in page
    assert client.get("/contacts?order=-points").context["order"] == "-updated_at"


def test_learned_weights_are_shown_with_what_they_expected_and_what_happened(campaign, acme, customer):
    outcomes(campaign, clicked=300, positive_clicked=150, quiet=800, positive_quiet=40)
    scoring.score_organization(acme.pk, now=NOW)
    with rls.scope(rls.SYSTEM):
        own = ScoringSettings.objects.get(pk=acme.pk)
    assert own.factors and sum(row["contacts"] for row in own.calibration["bins"]) == 1100
    assert own.calibration["error"] < 0.1
    assert "Expected and observed" in client_of(customer).get("/settings/scores").content.decode()


def test_the_settings_page_maps_variables_for_owners_only(campaign, acme, customer, ann):
    with rls.scope(rls.SYSTEM):
        variables(campaign, ann, position="CEO")
    client = client_of(customer)
    assert "In your lists: position" in client.get("/settings/scores").content.decode()
    form = {
        "organization": str(acme.pk),
        "title": "position",
        "industries": "Maschinenbau\nHandel",
        "employees_from": "10",
    }
    assert client.post("/settings/scores", form).status_code == 302
    with rls.scope(rls.SYSTEM):
        own = ScoringSettings.objects.get()
    assert (own.title, own.industries, own.employees_from, own.scored_at) == (
        "position",
        ["Maschinenbau", "Handel"],
        10,
        None,
    )
    assert client.post("/settings/scores", {**form, "employees_to": "5"}).status_code == 400
    member = client_of(factories.customer("m@acme.example", acme, role=MembershipRole.MEMBER))
    assert member.post("/settings/scores", form).status_code == 403
    html = client.get(f"/contacts/{ann.pk}").content.decode()
    assert "Seniority" in html and "CEO" in html


def test_scores_are_due_at_once_after_a_change_and_every_six_hours(acme, globex, customer):
    assert {acme.pk, globex.pk} <= set(scoring.due(now=NOW))
    for organization in (acme, globex):
        scoring.score_organization(organization.pk, now=NOW)
    assert acme.pk not in scoring.due(now=NOW + timedelta(hours=5))
    assert acme.pk in scoring.due(now=NOW + timedelta(hours=7))
    mapped(acme, customer, title="position")
    assert acme.pk in scoring.due(now=NOW) and globex.pk not in scoring.due(now=NOW)


def test_the_command_scores_one_organization_or_all_that_are_due(acme, ann, capsys):
    call_command("score_contacts", organization="acme")
    assert "acme: 1 contacts scored" in capsys.readouterr().out
    call_command("score_contacts")
    assert "acme" not in capsys.readouterr().out


def test_an_erasure_deletes_the_score(acme, ann):
    scoring.score_organization(acme.pk, now=NOW)
    erase_contact(organization=acme, email=ann.email, now=NOW, actor_name="test")
    with rls.scope(rls.SYSTEM):
        assert not ContactScore.objects.filter(pk=ann.pk).exists()
