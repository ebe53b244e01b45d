"""Domain check of an email account: requested by staff, done by a job, shown with unknown parts."""

from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from accounts import domain_lookup
from accounts.domain_records import NoAnswer
from instantly.actions import domains, runner
from instantly.models import StaffAction
from salesbrain import rls
from tests import factories

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("empty_queue")]


@pytest.fixture(autouse=True)
def no_dns(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail a test that queries DNS without having set the answers."""

    def refuse(name: str) -> Sequence[str]:
        raise AssertionError(f"DNS was asked for {name}")

    monkeypatch.setattr(domains, "ask_dns", refuse)
    monkeypatch.setattr(domain_lookup, "ask_dns", refuse)


@pytest.fixture
def account(acme_connection):
    return factories.email_account(acme_connection, "ann@get-acme.example", mail_provider="google")


def as_(user) -> Client:
    """Return a browser in which the user is logged in."""
    client = Client()
    client.force_login(user)
    return client


def page(user, account) -> str:
    answer = as_(user).get(reverse("admin:accounts_emailaccount_change", args=[account.pk]))
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.fixture
def check(monkeypatch, operator, account) -> Callable[..., StaffAction]:
    """Return `check(ask)`: request the check on the account's page and run its job, with `ask` in place of DNS."""

    def run(ask: Callable[[str], Sequence[str]]) -> StaffAction:
        monkeypatch.setattr(domains, "ask_dns", ask)
        as_(operator).post(
            reverse("admin:accounts_emailaccount_changelist"), {"action": "domain_check", "_selected_action": str(account.pk)}
        )  # fmt: skip
        with rls.scope(rls.SYSTEM):
            action = StaffAction.objects.get(kind="domain_check", finished_at=None)
        runner.run_action(action.pk)
        with rls.scope(rls.SYSTEM):
            return StaffAction.objects.get(pk=action.pk)

    return run


def test_a_domain_that_was_not_checked_says_so_and_opening_the_page_asks_nobody(viewer, account):
    text = page(viewer, account)
    assert ">Not checked<" in text and "Failing" not in text


def test_a_check_shows_each_record_with_its_meaning(viewer, account, check):
    zone = {
        "get-acme.example": ["v=spf1 include:_spf.google.com ~all"],
        "_dmarc.get-acme.example": ["v=DMARC1; p=none"],
    }
    done = check(lambda name: zone.get(name, []))
    assert (done.state, done.outcome) == ("done", "get-acme.example: 1 of 3 checks are in order.")
    text = page(viewer, account)
    for part in (
        ">In order<",
        ">Weak<",
        ">Not found<",
        "include:_spf.google.com",
        "It only asks for reports",
        "google, 20230601",
    ):
        assert part in text, part
    assert "Not checked" not in text


def test_no_answer_is_shown_as_such_and_not_as_failing(viewer, account, check):
    def silent(name: str) -> Sequence[str]:
        raise NoAnswer("timeout")

    check(silent)
    text = page(viewer, account)
    assert text.count(">No answer<") == 3 and ">Failing<" not in text


def test_another_account_of_the_domain_shows_the_same_check_and_one_of_another_domain_does_not(
    viewer, account, check, acme_connection
):
    check(lambda name: [])
    assert ">Failing<" in page(viewer, factories.email_account(acme_connection, "bob@get-acme.example"))
    assert ">Not checked<" in page(viewer, factories.email_account(acme_connection, "bob@other.example"))


def test_the_latest_check_counts(viewer, account, check):
    first = check(lambda name: [])
    with rls.scope(rls.SYSTEM):
        StaffAction.objects.filter(pk=first.pk).update(finished_at=first.finished_at - timedelta(hours=1))
    check(lambda name: ["v=spf1 -all"] if name == "get-acme.example" else [])
    assert ">In order<" in page(viewer, account)


def test_a_hostile_record_is_escaped_and_cut(viewer, account, check):
    check(lambda name: ["v=spf1 <script>alert(1)</script>\0\x1b" + "a" * 50_000] * 100)
    text = page(viewer, account)
    assert "<script>alert(1)" not in text and "&lt;script&gt;alert(1)" in text
    assert len(text) < 120_000


def test_a_viewer_may_not_ask_for_a_check(viewer, account):
    client = as_(viewer)
    client.post(
        reverse("admin:accounts_emailaccount_changelist"), {"action": "domain_check", "_selected_action": str(account.pk)}
    )  # fmt: skip
    with rls.scope(rls.SYSTEM):
        assert not StaffAction.objects.exists()
    assert "Check the domain</button>" not in page(viewer, account)
