"""Suppressed addresses in the admin: listed, imported, lifted until the person objects again."""

import io
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry
from instantly.erasure import erase_contact
from messaging import suppressions
from messaging.models import Suppression
from salesbrain import rls
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)

IMPORT = "admin:messaging_suppression_import"
LIST = "admin:messaging_suppression_changelist"


def as_(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def entry(organization, email="stop@lead.example", reason="unsubscribe", **fields) -> Suppression:
    values = {"first_at": factories.NOON, "last_at": factories.NOON} | fields
    with rls.scope(rls.SYSTEM):
        return Suppression.objects.create(organization=organization, email=email, reason=reason, **values)


def in_force(organization) -> set[str]:
    with rls.scope(rls.SYSTEM):
        return set(Suppression.objects.in_force().filter(organization=organization).values_list("email", flat=True))


def audited(action: str) -> list[AuditEntry]:
    with rls.scope(rls.SYSTEM):
        return list(AuditEntry.objects.filter(action=action))


def imported(organization, text: str | bytes, **named) -> suppressions.ImportReport:
    content = text if isinstance(text, bytes) else text.encode()
    return suppressions.import_addresses(
        organization, content, detail="old tool", now=timezone.now(), actor_name="test", **named
    )


# --- importing ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "a@lead.example\nB@Lead.example\n",
        "a@lead.example\r\n\r\n  b@lead.example  ",
        "\ufeffEmail,Name\na@lead.example,Ann\nb@lead.example,Bob\n",
        'Name;E-Mail;Since\n"Lee; Ann";a@lead.example;2024\nBob;<b@lead.example>;2025\n',
        "1\ta@lead.example\n2\tb@lead.example\n",
        "Näme;E-Mail\nJörg;a@lead.example\nZoë;b@lead.example\n".encode("cp1252"),
    ],
)
def test_a_list_comes_in_many_shapes(acme, text):
    report = imported(acme, text)
    assert (report.given, report.added, report.invalid) == (2, 2, [])
    assert in_force(acme) == {"a@lead.example", "b@lead.example"}
    with rls.scope(rls.SYSTEM):
        assert set(Suppression.objects.values_list("reason", "detail")) == {("import", "old tool")}


def test_every_line_is_accounted_for(acme):
    entry(acme, "known@lead.example", "import")
    entry(acme, "lifted@lead.example", "import", lifted_at=timezone.now(), lifted_by="ann", lift_reason="asked")
    entry(acme, "unsubscribed@lead.example", "unsubscribe")
    report = imported(
        acme,
        "known@lead.example\nlifted@lead.example\nunsubscribed@lead.example\nnew@lead.example\nnew@lead.example\nnobody\n@\n",
    )
    assert (report.given, report.added, report.known, report.lifted, report.repeated) == (
        7, 2, 1, ["lifted@lead.example"], 1,
    )  # fmt: skip
    assert [line["line"] for line in report.invalid] == [6, 7]
    assert "2 without an address (line 6, 7)" in report.sentence()
    assert in_force(acme) == {"known@lead.example", "unsubscribed@lead.example", "new@lead.example"}


def test_importing_again_changes_nothing_and_a_dry_run_neither(acme, globex):
    assert imported(acme, "a@lead.example", dry_run=True).added == 1
    assert in_force(acme) == set() and audited("suppression.import") == []
    imported(acme, "a@lead.example")
    again = imported(acme, "a@lead.example")
    assert (again.added, again.known) == (0, 1)
    assert in_force(globex) == set(), "one organization's list says nothing of another's"
    (told,) = audited("suppression.import")
    assert (told.organization_id, told.actor_name) == (acme.pk, "test")
    assert (told.detail["given"], told.detail["added"]) == (1, 1)


def test_the_suppression_of_an_erased_person_stays_and_gets_no_name(acme, operator):
    factories.contact(acme, "gone@lead.example")
    erase_contact(organization=acme, email="gone@lead.example", now=timezone.now(), actor_name="test")
    report = imported(acme, "gone@lead.example\nhere@lead.example")
    assert (report.added, report.known) == (1, 1)
    with rls.scope(rls.SYSTEM):
        assert not Suppression.objects.filter(email="gone@lead.example").exists()
        entries = list(Suppression.objects.filter(reason="erased"))
    assert suppressions.lift(entries, reason="why not", now=timezone.now(), actor=operator) == 0
    chosen = {"action": "lift", "_selected_action": [str(entry.pk) for entry in entries]}
    assert as_(operator).post(reverse(LIST), chosen | {"confirmed": "yes", "reason": "x"}).status_code == 302
    assert len(in_force(acme)) == 2


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\x00\x01", b"\xff\xfe\x00a"])
def test_an_invalid_list_is_reported(acme, content):
    with pytest.raises(suppressions.Unreadable):
        imported(acme, content)


def test_the_command_imports_and_exits_with_1_for_lines_without_an_address(acme, tmp_path):
    path, out = tmp_path / "stop.csv", io.StringIO()
    path.write_text("a@lead.example\nnobody\n")
    with pytest.raises(CommandError, match="1 lines have no address"):
        call_command("import_suppressions", str(path), organization="acme", reason="old tool", stdout=out)
    assert out.getvalue().startswith("Acme: 2 lines: 1 added, 0 there already, 1 without an address (line 2).")
    assert in_force(acme) == {"a@lead.example"}


def test_the_command_names_missing_files_and_organizations(acme, tmp_path):
    with pytest.raises(CommandError, match="no organization 'nobody'.*acme"):
        call_command("import_suppressions", organization="nobody", reason="x")
    with pytest.raises(CommandError, match="No such file"):
        call_command("import_suppressions", str(tmp_path / "none.csv"), organization="acme", reason="x")


def test_staff_import_a_list_on_a_page(operator, acme):
    client, url = as_(operator), reverse(IMPORT)
    assert url in client.get(reverse(LIST)).content.decode()
    fields = {"organization": str(acme.pk), "reason": "old tool"}
    seen = client.post(url, fields | {"file": SimpleUploadedFile("s.csv", b"Email\na@lead.example\n"), "dry_run": "on"})
    assert "1 would be added" in seen.content.decode() and in_force(acme) == set()
    done = client.post(url, fields | {"file": SimpleUploadedFile("s.csv", b"Email\na@lead.example\n")}, follow=True)
    assert "1 lines: 1 added" in done.content.decode() and in_force(acme) == {"a@lead.example"}
    client.post(url, fields | {"pasted": "b@lead.example"})
    assert in_force(acme) == {"a@lead.example", "b@lead.example"}
    assert [told.actor_name for told in audited("suppression.import")] == [operator.email] * 2


@pytest.mark.parametrize("wrong", [{}, {"pasted": "  "}, {"pasted": "a@lead.example", "reason": ""}])
def test_a_form_that_is_not_whole_imports_nothing(operator, acme, wrong):
    answer = as_(operator).post(reverse(IMPORT), {"organization": str(acme.pk), "reason": "x"} | wrong)
    assert answer.status_code == 200 and "errorlist" in answer.content.decode()
    assert in_force(acme) == set()


def test_viewers_cannot_import_or_lift(viewer, customer, acme):
    entry(acme)
    client = as_(viewer)
    fields = {"organization": str(acme.pk), "reason": "x", "pasted": "a@lead.example"}
    assert client.get(reverse(IMPORT)).status_code == client.post(reverse(IMPORT), fields).status_code == 403
    assert "Import a list" not in client.get(reverse(LIST)).content.decode()
    assert as_(customer).get(reverse(IMPORT)).status_code == 302
    assert in_force(acme) == {"stop@lead.example"}


# --- lifting ------------------------------------------------------------------------------------------------------------


def test_a_suppression_is_lifted_and_restored_and_both_are_audited(operator, acme):
    one, client = entry(acme), as_(operator)
    url = reverse("admin:messaging_suppression_change", args=[one.pk])
    client.post(url, {"lift_reason": "asked again, by phone"})
    assert in_force(acme) == set()
    with rls.scope(rls.SYSTEM):
        one.refresh_from_db()
    assert (one.lifted_by, one.lift_reason) == (operator.email, "asked again, by phone")
    client.post(url, {"lift_reason": ""})
    assert in_force(acme) == {"stop@lead.example"}
    for action in ("suppression.lift", "suppression.restore"):
        (told,) = audited(action)
        assert (told.target_id, told.actor_name, told.organization_id) == (str(one.pk), operator.email, acme.pk)
        assert "stop@lead.example" not in str(told.detail), "the audit log cannot forget an address"


def test_many_are_lifted_with_one_reason(operator, acme, globex):
    ours = [entry(acme, f"{n}@lead.example", "import") for n in range(3)]
    entry(globex, "0@lead.example", "import")
    client = as_(operator)
    chosen = {"action": "lift", "_selected_action": [str(one.pk) for one in ours]}
    assert "Lift 3 suppressions" in client.post(reverse(LIST), chosen).content.decode()
    client.post(reverse(LIST), chosen | {"confirmed": "yes", "reason": " "})
    assert len(in_force(acme)) == 3, "not without a reason"
    client.post(reverse(LIST), chosen | {"confirmed": "yes", "reason": "wrong list"})
    assert in_force(acme) == set() and in_force(globex) == {"0@lead.example"}
    assert len(audited("suppression.lift")) == 3


def test_all_that_a_filter_leaves_are_lifted(operator, acme, globex):
    for n in range(3):
        entry(acme, f"{n}@lead.example", "import")
    other = entry(globex, "0@lead.example", "import")
    url = f"{reverse(LIST)}?organization__id__exact={acme.pk}"
    chosen = {"action": "lift", "select_across": "1", "_selected_action": [str(other.pk)]}
    asked = as_(operator).post(url, chosen)
    assert "Lift 3 suppressions" in asked.content.decode() and 'name="select_across"' in asked.content.decode()
    as_(operator).post(url, chosen | {"confirmed": "yes", "reason": "wrong list"})
    assert in_force(acme) == set() and in_force(globex) == {"0@lead.example"}


def test_an_unsubscribe_after_a_lift_suppresses_again(acme, operator):
    one = entry(acme)
    suppressions.lift([one], reason="asked", now=factories.NOON + timedelta(hours=1), actor=operator)
    assert in_force(acme) == set()
    assert suppressions.lift([one], reason="twice", now=timezone.now(), actor=operator) == 0, "it is lifted already"
    with rls.scope(rls.SYSTEM):
        Suppression.objects.update(last_at=factories.NOON + timedelta(hours=2))  # as suppressions.sql does
    assert in_force(acme) == {"stop@lead.example"}
    assert suppressions.lift([one], reason="again", now=factories.NOON + timedelta(hours=3), actor=operator) == 1


def test_lists_are_narrowed_to_those_in_force(operator, acme):
    entry(acme, "on@lead.example")
    entry(acme, "off@lead.example", lifted_at=factories.NOON, lifted_by="ann", lift_reason="asked")
    client = as_(operator)
    for value, shown, hidden in (("1", "on@", "off@"), ("0", "off@", "on@")):
        page = client.get(f"{reverse(LIST)}?in_force={value}").content.decode()
        assert f"{shown}lead.example" in page and f"{hidden}lead.example" not in page


def test_a_contacts_page_shows_its_suppression(viewer, acme):
    url = reverse("admin:messaging_contact_change", args=[factories.contact(acme, "stop@lead.example").pk])
    assert "sb-good" in as_(viewer).get(url).content.decode()
    one = entry(acme)
    page = as_(viewer).get(url).content.decode()
    assert "sb-bad" in page and reverse("admin:messaging_suppression_change", args=[one.pk]) in page


# --- lists that are easily misread ---------------------------------------------------------------------------------------


def test_a_list_with_ambiguous_address_columns_is_refused(acme, acme_connection):
    factories.email_account(acme_connection, "sam@out.example")
    with pytest.raises(suppressions.Unreadable, match="no column is called email; there are from, to"):
        imported(acme, "from,to\nsam@out.example,a@lead.example\n")
    with pytest.raises(suppressions.Unreadable, match="more than one column"):
        imported(acme, "email,E-Mail\nsam@out.example,a@lead.example\n")
    report = imported(acme, "sam@out.example,a@lead.example\nb@lead.example\n")
    assert [line["line"] for line in report.invalid] == [1] and in_force(acme) == {"b@lead.example"}


def test_own_email_accounts_are_skipped_and_named(acme, acme_connection):
    factories.email_account(acme_connection, "sam@out.example")
    report = imported(acme, "Lead Email\nSam@out.example\na@lead.example\n")
    assert (report.own, report.added) == ([2], 1) and in_force(acme) == {"a@lead.example"}
    assert "1 left out because they are email accounts of ours (line 2)" in report.sentence()


def test_malformed_lines_are_named(acme):
    report = imported(acme, "email,company\na@lead.example,Steel, Ltd.\nb@lead.example,x\n")
    assert [line["line"] for line in report.invalid] == [2] and in_force(acme) == {"b@lead.example"}
    with pytest.raises(suppressions.Unreadable, match="Line 2: a quotation mark"):
        imported(acme, 'email,company\na@lead.example,"Steel\nb@lead.example,x\n')


@pytest.mark.parametrize(
    "text", ["sep=;\nName;Lead Email\nAnn;a@lead.example", "firstName,E-Mail-Adresse\rAnn,a@lead.example\r"]
)
def test_headings_and_line_ends_of_all_kinds_are_understood(acme, text):
    assert imported(acme, text).invalid == [] and in_force(acme) == {"a@lead.example"}
