"""Admin pages of messages: statuses, search by address, harmless text, audited reading."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEntry
from messaging import mail_documents as bodies
from messaging import search
from messaging.admin.messages import STATUSES, MessageAdmin
from messaging.events import STAFF_LABEL
from messaging.mail_text.showing import show_html
from messaging.models import Contact, Suppression
from salesbrain import rls
from salesbrain.kernel.bounded_process import OverBudget
from tests import factories, staff_world

pytestmark = pytest.mark.django_db


def as_(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def campaign(acme_connection):
    return factories.campaign(acme_connection)


def reads() -> list[tuple[str, str]]:
    with rls.scope(rls.SYSTEM):
        return list(AuditEntry.objects.filter(action="admin.read").values_list("actor_name", "target_id"))


DATES = ("opened_at", "clicked_at", "replied_at", "bounced_at")


@pytest.mark.parametrize(
    "told", [(), *[(date,) for date in DATES], DATES[:2], DATES[:3], DATES, ("opened_at", "bounced_at")]
)
def test_the_status_filter_agrees_with_the_shown_status(viewer, campaign, told):
    dates: dict[str, Any] = dict.fromkeys(told, factories.NOON)
    message = factories.message(campaign, **dates)
    url = reverse("admin:messaging_message_changelist")
    found = [word for word in STATUSES if str(message.pk) in as_(viewer).get(url, {"status": word}).content.decode()]
    assert found == [message.status]


def test_a_message_is_found_by_a_contacts_address_in_every_organization(viewer, acme_connection, globex_connection):
    ours = factories.message(factories.campaign(acme_connection), "Ann@Lead.example")
    theirs = factories.message(factories.campaign(globex_connection), "ann@lead.example")
    other = factories.message(factories.campaign(acme_connection, "Other"), "bob@lead.example")
    page = as_(viewer).get(reverse("admin:messaging_message_changelist"), {"q": " ANN@lead.example "}).content.decode()
    assert str(ours.pk) in page and str(theirs.pk) in page and str(other.pk) not in page


def test_reading_a_message_is_written_down_and_looking_at_the_list_is_not(viewer, campaign):
    message = factories.message(campaign)
    client = as_(viewer)
    client.get(reverse("admin:messaging_message_changelist"))
    page = client.get(reverse("admin:messaging_message_change", args=[message.pk])).content.decode()
    assert "Hello" not in page, "the text is in the frame only"
    assert reads() == []
    answer = client.get(reverse("admin:messaging_message_body", args=[message.pk, "text"]))
    assert "Hello" in answer.content.decode()
    assert reads() == [(viewer.email, str(message.pk))]


def test_a_customer_does_not_reach_a_text(customer, campaign):
    message = factories.message(campaign)
    answer = as_(customer).get(reverse("admin:messaging_message_body", args=[message.pk, "html"]))
    assert (answer.status_code, reads()) == (302, [])


def test_the_text_comes_alone_in_a_sandbox(viewer, campaign):
    message = factories.message(campaign, body_html=staff_world.HOSTILE)
    answer = as_(viewer).get(reverse("admin:messaging_message_body", args=[message.pk, "html"]))
    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "sandbox" in policy and "allow-scripts" not in policy
    assert "allow-same-origin" not in policy
    assert answer["X-Frame-Options"] == "SAMEORIGIN"
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>", "<img src=https://t.example/p.gif>", "<a href='javascript:alert(1)'>x</a>",
        "<a href='data:text/html,<script>1</script>'>x</a>", "<form action=https://e.example><input></form>",
        "<iframe src=https://e.example></iframe>", "<p onclick=alert(1)>x</p>", "<svg onload=alert(1)></svg>",
        "<p style='background-image:url(https://t.example/p)'>x</p>", "<p style='position:fixed;top:0'>x</p>",
        "<base href=https://e.example>", "<meta http-equiv=refresh content='0;url=https://e.example'>",
        "<link rel=stylesheet href=https://e.example>", "<style>@import 'https://e.example'</style>",
        "<video src=https://t.example/v></video>", "<object data=https://e.example></object>",
        "<math><mtext></mtext><mglyph><svg><mtext><style><img src=x onerror=alert(1)></style></math>",
        "<a href='&#106;avascript:alert(1)'>x</a>", "<table background=https://t.example/p><tr><td>x</table>",
        "<noscript><p title='</noscript><img src=x onerror=alert(1)>'></noscript>",
    ],
)  # fmt: skip
def test_shown_html_runs_loads_and_sends_nothing(hostile):
    cleaned = show_html(hostile).lower()
    for forbidden in ("script", "onerror", "onclick", "onload", "url(", "position", "<img", "<form", "<input", "<iframe",
                      "<base", "<meta", "<link", "<style", "<video", "<object", "<svg", "javascript", "data:", "background="):  # fmt: skip
        assert forbidden not in cleaned, cleaned


def test_readable_content_is_kept():
    cleaned = show_html('<p style="color:#111">Hi <b>Ann</b></p><a href="https://x.example/?a=1&b=2">see</a>')
    assert "<b>Ann</b>" in cleaned and "color" in cleaned
    assert 'href="https://x.example/?a=1&amp;b=2"' in cleaned
    assert 'rel="noopener noreferrer nofollow"' in cleaned and 'target="_blank"' in cleaned


def test_plain_text_is_never_taken_for_html():
    assert b"&lt;script&gt;" in bodies.document(text="<script>alert(1)</script>").content


def test_our_verdict_is_set_and_cleared(operator, acme):
    contact = factories.contact(acme, interest="lead_interested")
    client, url = as_(operator), reverse("admin:messaging_contact_change", args=[contact.pk])
    client.post(url, {"staff_interest": "lead_not_interested"})
    with rls.scope(rls.SYSTEM):
        told = Contact.objects.with_verdict().get()
        assert (told.verdict, told.staff_interest_at is not None) == ("lead_not_interested", True)
    client.post(url, {"staff_interest": ""})
    with rls.scope(rls.SYSTEM):
        told = Contact.objects.with_verdict().get()
        assert (told.verdict, told.staff_interest_at) == ("lead_interested", None)


def test_verdicts_are_audited_with_their_actor(operator, acme):
    contact = factories.contact(acme)
    client, url = as_(operator), reverse("admin:messaging_contact_change", args=[contact.pk])
    for verdict in ("lead_closed", "lead_closed", "knows Bob from school", ""):
        client.post(url, {"staff_interest": verdict})
    with rls.scope(rls.SYSTEM):
        told = [
            (entry.actor_name, entry.detail["from"], entry.detail["to"])
            for entry in AuditEntry.objects.filter(action="contact.verdict").order_by("id")
        ]
        assert "Bob" not in str(list(AuditEntry.objects.values()))
    assert told == [
        (operator.email, None, "lead_closed"),
        (operator.email, "lead_closed", STAFF_LABEL),
        (operator.email, STAFF_LABEL, None),
    ]
    page = client.get(url).content.decode()
    assert f"{operator.email}: no rating → Won" in page and "→ no rating" in page


def test_only_the_verdict_of_a_contact_can_be_edited(operator, acme):
    contact = factories.contact(acme, company="Lead Inc")
    url = reverse("admin:messaging_contact_change", args=[contact.pk])
    as_(operator).post(
        url, {"staff_interest": "x", "email": "other@lead.example", "company": "Mine", "organization": "1"}
    )
    with rls.scope(rls.SYSTEM):
        found = Contact.objects.get()
        assert (found.email, found.company, found.organization_id) == ("lead@lead.example", "Lead Inc", acme.pk)


def test_staff_enter_a_suppression_and_lift_it_with_a_reason(operator, acme):
    client = as_(operator)
    add = reverse("admin:messaging_suppression_add")
    assert (
        client.post(
            add, {"organization": str(acme.pk), "email": "Stop@Lead.example", "detail": "asked by phone"}
        ).status_code
        == 302
    )
    with rls.scope(rls.SYSTEM):
        made = Suppression.objects.get()
        assert (made.email, made.reason) == ("stop@lead.example", "manual")
        assert Suppression.objects.in_force().exists()
    client.post(reverse("admin:messaging_suppression_change", args=[made.pk]), {"lift_reason": "asked again"})
    with rls.scope(rls.SYSTEM):
        lifted = Suppression.objects.get()
        assert (lifted.lifted_by, lifted.lift_reason) == (operator.email, "asked again")
        assert not Suppression.objects.in_force().exists()


def test_an_existing_suppression_is_reported(operator, acme):
    client = as_(operator)
    fields = {"organization": str(acme.pk), "email": "stop@lead.example", "detail": ""}
    client.post(reverse("admin:messaging_suppression_add"), fields)
    answer = client.post(reverse("admin:messaging_suppression_add"), fields)
    assert answer.status_code == 200
    assert "already" in answer.content.decode()


def test_a_long_list_is_not_counted_to_its_end(viewer, campaign, monkeypatch):
    from accounts.admin import base

    monkeypatch.setattr(base, "COUNTED_TO", 3)
    for lead in range(5):
        factories.message(campaign, f"lead{lead}@lead.example")
    page = as_(viewer).get(reverse("admin:messaging_message_changelist"))
    assert "more than 3 messages" in " ".join(page.content.decode().split())


def test_pages_of_all_organizations_are_in_order_and_miss_nothing(
    viewer, acme_connection, globex_connection, monkeypatch
):
    """The unfiltered list merges the rows of all organizations in the order of one table."""
    made = []
    for number, row in enumerate(
        [acme_connection, globex_connection, acme_connection, globex_connection, acme_connection]
    ):
        campaign = factories.campaign(row, f"Campaign {number}")
        made.append(
            factories.message(
                campaign, f"lead{number}@lead.example", happened_at=factories.NOON + timedelta(hours=number)
            )
        )
    monkeypatch.setattr(MessageAdmin, "list_per_page", 2)
    url, client = reverse("admin:messaging_message_changelist"), as_(viewer)
    pages = [client.get(url, {"p": str(page)}).context["cl"].result_list for page in (1, 2, 3)]
    assert [message.pk for page in pages for message in page] == [message.pk for message in reversed(made)]


def test_messages_of_one_campaign_are_linked_from_it(viewer, acme_connection):
    one, two = (factories.campaign(acme_connection, name) for name in ("One", "Two"))
    ours, other = factories.message(one), factories.message(two, "other@lead.example")
    page = as_(viewer).get(reverse("admin:campaigns_campaign_change", args=[one.pk])).content.decode()
    query = f"?organization__id__exact={one.organization_id}&amp;campaign__id__exact={one.pk}"
    assert query in page
    found = (
        as_(viewer).get(reverse("admin:messaging_message_changelist") + query.replace("&amp;", "&")).content.decode()
    )
    assert str(ours.pk) in found and str(other.pk) not in found


def test_html_that_costs_too_much_to_show_leaves_the_text(monkeypatch):
    class Over:
        def __init__(self, function: str) -> None: ...
        def __enter__(self) -> "Over":
            return self

        def __exit__(self, *error: object) -> None: ...
        def call(self, html: str) -> OverBudget:
            return OverBudget("it takes more than 1 s of CPU")

    monkeypatch.setattr(bodies, "BoundedProcess", Over)
    page = bodies.document(html="<p>Hi</p>", text="Hi <there>").content
    assert b"costs too much" in page and b"<pre>Hi &lt;there&gt;</pre>" in page


@pytest.mark.parametrize("query", ["status=bounced", "direction__exact=in", "status=sent&direction__exact=out"])
def test_a_filter_without_an_index_searches_the_newest_rows_and_says_so(viewer, acme_connection, query, monkeypatch):
    """Without an index PostgreSQL would search a rare value in all of a million messages."""
    for module in ("accounts.admin.base", "messaging.admin.messages"):
        monkeypatch.setattr(f"{module}.LOOKED_AT", 2)
    campaign = factories.campaign(acme_connection)
    kinds: list[dict[str, Any]] = [{"bounced_at": factories.NOON}, {"direction": "in"}, {}, {}, {}]
    for n, fields in enumerate(kinds):
        at = factories.NOON - timedelta(days=n)
        factories.message(
            campaign, f"lead{n}@lead.example", subject=f"Subject {n}", happened_at=at, sent_at=at, **fields
        )
    with rls.scope(rls.SYSTEM):
        search.rebuild()
    search.index_pending()
    staff = as_(viewer)
    answer = staff.get(f"/admin/messaging/message/?{query}")
    assert b"(of the newest 2)" in answer.content
    assert answer.content.count(b"Subject ") == (0 if "sent" in query else 1)
    whole = staff.get("/admin/messaging/message/?q=Subject")
    assert b"of the newest" not in whole.content and whole.content.count(b"Subject ") >= 5


@pytest.mark.parametrize(
    ("term", "found"),
    [("Lead@Lead.example", 1), ("other@lead.example", 0), ("7", 1), ("8", 0), ("email_sent", 1), ("e", 0)],
)
def test_events_are_found_by_address_number_and_type(viewer, acme_connection, term, found):
    campaign = factories.campaign(acme_connection)
    message = factories.message(campaign)
    factories.event(campaign, 7, contact=message.contact, message=message, lead_email=message.contact.email)
    answer = as_(viewer).get("/admin/messaging/event/", {"q": term})
    assert answer.context["cl"].result_count == found
