"""Inbox pages and forms: roles, and use with and without JavaScript."""

import re
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from django.utils import timezone

from accounts.choices import MembershipRole
from accounts.models import AccessEntry, AuditEntry, Membership, Organization, User
from messaging.follow_ups.of_contact import follow_up_of
from messaging.inbox import listing, services
from messaging.inbox.bulk import MOST
from messaging.models import (
    Contact,
    ContactLabel,
    Conversation,
    Event,
    Message,
    Note,
    SuggestionDecision,
    Suppression,
)
from messaging.web import inbox_actions, inbox_changes
from salesbrain import rls
from tests import factories
from tests.messaging.inbox.conftest import delivered
from tests.salesbrain.web.pages import client_of

pytestmark = pytest.mark.django_db
ACT = "/inbox/act"
PART = {"X-Part": "pane"}


@pytest.fixture
def campaign(acme_connection):
    factories.email_account(acme_connection, "sender@sender.example")
    return factories.campaign(acme_connection)


@pytest.fixture
def ann(campaign) -> Conversation:
    """Create the conversation of Ann, who has written and waits for an answer."""
    return replied(campaign, "ann@atlas.example", "10:00")


def replied(campaign, email: str, at: str) -> Conversation:
    delivered(campaign, "reply_received", at, lead_email=email, email_id=f"mail-{email}-{at}")
    with rls.scope(rls.SYSTEM):
        return Conversation.objects.order_by("-created_at", "-pk").get(pk=_contact(email))


def _contact(email: str):
    return Message.objects.filter(contact__email=email).values_list("contact_id", flat=True)[:1].get()


def fresh(row: Conversation) -> Conversation:
    with rls.scope(rls.SYSTEM):
        return Conversation.objects.get(pk=row.pk)


def act(client, organization, action: str, *rows: Conversation, script: bool = True, **given: Any) -> Any:
    data = {"organization": str(organization.pk), "action": action, "id": [str(row.pk) for row in rows], **given}
    return client.post(ACT, data, headers=PART if script else {})


def shown(client, address: str = "/inbox") -> list[str]:
    return [each["row"].email for each in client.get(address).context["rows"]]


# --- reading ------------------------------------------------------------------------------------------------------------


def test_a_lane_lists_who_is_in_it_and_the_sentence_sums_up(customer, acme, acme_connection, campaign, ann):
    factories.complete_first_sync(acme_connection)
    client = client_of(customer)
    page = client.get("/inbox")
    assert shown(client) == ["ann@atlas.example"] and "1 reply to answer" in page.content.decode()
    assert (
        shown(client, "/inbox?lane=done") == []
        and "Nothing is done yet" in client.get("/inbox?lane=done").content.decode()
    )
    assert shown(client, "/inbox?lane=nonsense") == ["ann@atlas.example"], "an unknown lane is the first one"


def test_opening_marks_read_and_records_who_read(customer, ann):
    client = client_of(customer)
    assert ann.is_unread
    assert client.get(f"/inbox/{ann.pk}").status_code == 200
    assert not fresh(ann).is_unread
    with rls.scope(rls.SYSTEM):
        assert AccessEntry.objects.get().conversation_id == ann.pk


def test_fetching_ahead_does_not_mark_read_and_is_recorded_all_the_same(customer, ann):
    client_of(customer).get(f"/inbox/{ann.pk}", headers={"X-Unseen": "1", **PART})
    assert fresh(ann).is_unread
    with rls.scope(rls.SYSTEM):
        assert AccessEntry.objects.count() == 1


@pytest.mark.parametrize("who", ["viewer", "operator", "admin", "observer"])
def test_staff_and_observers_never_mark_read(request, customer, acme, ann, who):
    user = observer(customer) if who == "observer" else request.getfixturevalue(who)
    client = client_of(user)
    assert client.get(f"/inbox/{ann.pk}").status_code == 200
    data = {"organization": "all" if user.is_staff else str(acme.pk), "action": "read", "id": str(ann.pk)}
    assert client.post(ACT, data, headers=PART).status_code == 422
    assert fresh(ann).is_unread


def observer(customer):
    with rls.scope(rls.SYSTEM):
        Membership.objects.filter(user=customer).update(role=MembershipRole.OBSERVER)
    return customer


def test_a_reply_that_comes_while_somebody_reads_stays_unread(customer, campaign, ann):
    client = client_of(customer)
    seen = client.get(f"/inbox/{ann.pk}", headers={"X-Unseen": "1", **PART}).context["beside"].seen
    replied(campaign, "ann@atlas.example", "11:00")
    act(client, ann.organization, "read", ann, seen=str(seen))
    assert fresh(ann).is_unread


def test_lists_show_staff_no_text_and_the_conversation_is_recorded(viewer, customer, ann):
    assert "Yes, at 10:00" in client_of(customer).get("/inbox").content.decode()
    client = client_of(viewer)
    assert "Yes, at 10:00" not in client.get("/inbox").content.decode()
    assert "Yes, at 10:00" in client.get(f"/inbox/{ann.pk}").content.decode()
    with rls.scope(rls.SYSTEM):
        assert AuditEntry.objects.get(action="page.read").target_id == str(ann.pk)


def test_staff_see_all_organizations_with_whose_each_is(viewer, ann, globex, globex_connection):
    replied(factories.campaign(globex_connection), "bob@other.example", "11:00")
    client = client_of(viewer)
    page = client.get("/inbox").content.decode()
    assert shown(client) == ["bob@other.example", "ann@atlas.example"]
    assert '<span class="badge">Acme</span>' in page and '<span class="badge">Globex</span>' in page
    client.post("/switch", {"organization": str(globex.pk)})
    assert shown(client) == ["bob@other.example"]


def test_another_organizations_conversation_is_404(customer, stranger, ann):
    client = client_of(stranger)
    for method, address in (
        ("get", f"/inbox/{ann.pk}"),
        ("post", f"/inbox/{ann.pk}/reply"),
        ("post", f"/inbox/{ann.pk}/presence"),
    ):
        with rls.scope(rls.SYSTEM):
            own = Membership.objects.get(user=stranger).organization_id
        answer = getattr(client, method)(address, {"organization": str(own), "action": "draft", "text": "x"})
        assert answer.status_code == 404, address
    done = client.post(ACT, {"organization": str(own), "action": "done", "id": str(ann.pk)}, headers=PART)
    assert done.json()["text"] == "Nothing was changed." and fresh(ann).state == "open"


@pytest.mark.parametrize("action", [*inbox_changes.ACTIONS, "typed", "undo"])
def test_no_action_reaches_another_organizations_conversation(customer, stranger, globex, ann, action):
    """The form has every field that any action reads, with the key of the current suggestion."""
    with rls.scope(rls.SYSTEM):
        up = follow_up_of(Contact.objects.get(pk=ann.pk), now=timezone.now())
    given: dict[str, Any] = {
        "until": "fri", "name": "VIP", "assignee": "me", "text": "x", "category": "meeting", "key": up.key, "why": "other", "token": "x",
        "position": "0", "seen": "0",
    }  # fmt: skip
    before = [_count(model) for model in (Event, ContactLabel, Note, Suppression, SuggestionDecision)]
    was = fresh(ann)
    answer = act(client_of(stranger), globex, action, ann, **given)
    assert answer.status_code in (200, 422) and answer.json()["undo"] == ""
    assert [_count(model) for model in (Event, ContactLabel, Note, Suppression, SuggestionDecision)] == before
    assert [getattr(fresh(ann), field.attname) for field in ann._meta.fields] == [
        getattr(was, field.attname) for field in ann._meta.fields
    ]


def test_search_looks_in_all_lanes_and_labels_narrow(customer, acme, campaign, ann):
    from messaging import search

    bob = replied(campaign, "bob@atlas.example", "11:00")
    while search.index_pending():
        pass
    client = client_of(customer)
    act(client, acme, "done", bob)
    act(client, acme, "label", bob, name="VIP")
    assert shown(client) == ["ann@atlas.example"]
    assert shown(client, "/inbox?q=bob@atlas.example") == ["bob@atlas.example"]
    assert shown(client, "/inbox?lane=all&label=VIP") == ["bob@atlas.example"]
    assert shown(client, "/inbox?label=Other") == []
    related = client.get(f"/inbox/{ann.pk}").context["beside"].related
    assert [person["email"] for person in related] == ["bob@atlas.example"]


def test_people_of_a_free_mail_provider_have_no_company_in_common(customer, campaign):
    from messaging import search

    one, two = (replied(campaign, f"{name}@gmail.com", "10:00") for name in ("one", "two"))
    while search.index_pending():
        pass
    for row in (one, two):
        assert client_of(customer).get(f"/inbox/{row.pk}").context["beside"].related == []


def test_a_long_thread_comes_in_pages_newest_first(customer, acme, campaign, ann):
    with rls.scope(rls.SYSTEM):
        Message.objects.bulk_create(
            Message(
                id=factories.uuid4(), organization=acme, contact_id=ann.pk, campaign=campaign, direction="in", body_text=f"Mail {number}",
                happened_at=datetime(2026, 6, 1, tzinfo=UTC) + timedelta(minutes=number // 3),
            )
            for number in range(45)
        )  # fmt: skip
    client, address, found = client_of(customer), f"/inbox/{ann.pk}", []
    while address:
        answer = client.get(address)
        found += [each["mail"].pk for each in answer.context["mails"]]
        address = answer.context["older"]
    with rls.scope(rls.SYSTEM):
        assert found == list(
            Message.objects.filter(contact=ann.pk).order_by("-happened_at", "-id").values_list("pk", flat=True)
        )
    assert client.get(f"/inbox/{ann.pk}?older=x").status_code == 404


# --- changing -----------------------------------------------------------------------------------------------------------


def test_a_form_without_a_script_leads_back_and_offers_the_undo(customer, acme, ann):
    client = client_of(customer)
    answer = act(client, acme, "done", ann, script=False, next="/inbox?lane=meeting")
    assert answer.status_code == 302 and answer["Location"].startswith("/inbox?lane=meeting&undo=")
    assert fresh(ann).state == "done"
    page = client.get(answer["Location"])
    assert "1 conversation done." in page.content.decode() and "Undo" in page.content.decode()
    client.post(ACT, {"organization": str(acme.pk), "action": "undo", "token": page.context["undo"]})
    assert fresh(ann).state == "open"


@pytest.mark.parametrize("next", ["https://evil.example/inbox", "//evil.example", "/admin/", "javascript:x", ""])
def test_a_form_never_redirects_to_another_site(customer, acme, ann, next):
    answer = act(client_of(customer), acme, "done", ann, script=False, next=next)
    assert answer["Location"].startswith("/inbox?undo=")


CHANGES: dict[str, tuple[dict[str, str], Callable[[Conversation], bool]]] = {
    "done": ({}, lambda row: row.state == "done"),
    "snooze": ({"until": "in 2 weeks"}, lambda row: row.state == "snoozed"),
    "unread": ({}, lambda row: row.is_unread),
    "assign": ({"assignee": "me"}, lambda row: row.assignee_id is not None),
    "label": ({"name": "VIP"}, lambda row: _count(ContactLabel) == 1),
    "note": ({"text": "Call in May"}, lambda row: _count(Note) == 1),
    "block": ({}, lambda row: _count(Suppression, lifted_at=None) == 1),
}


def _count(model, **narrowed) -> int:
    with rls.scope(rls.SYSTEM):
        return int(model.objects.filter(**narrowed).count())


@pytest.mark.parametrize("action", CHANGES)
def test_every_action_has_its_effect_and_can_be_undone(customer, acme, ann, action):
    client = client_of(customer)
    services.mark_read(customer.scope_in(), by=customer, conversation_id=ann.pk, now=timezone.now())
    given, holds = CHANGES[action]
    fields: dict[str, Any] = dict(given)
    said = act(client, acme, action, ann, **fields).json()
    assert holds(fresh(ann)) and said["undo"]
    undone = client.post(ACT, {"organization": str(acme.pk), "action": "undo", "token": said["undo"]}, headers=PART)
    assert undone.json()["text"] == "Undone." and not holds(fresh(ann))
    again = client.post(ACT, {"organization": str(acme.pk), "action": "undo", "token": said["undo"]}, headers=PART)
    assert again.status_code == 200


@pytest.mark.parametrize("action", [*CHANGES, "reopen", "read"])
@pytest.mark.parametrize("who", ["observer", "viewer"])
def test_observers_and_viewers_change_nothing(request, customer, acme, ann, who, action):
    user = observer(customer) if who == "observer" else request.getfixturevalue("viewer")
    client = client_of(user)
    if who == "viewer":
        client.post("/switch", {"organization": str(acme.pk)})
    before = _count(Event)
    given: dict[str, Any] = CHANGES[action][0] if action in CHANGES else {}
    answer = act(client, acme, action, ann, **given)
    assert answer.status_code == 422 and _count(Event) == before and _count(Suppression) == 0
    page = client.get(f"/inbox/{ann.pk}").content.decode()
    assert 'data-key="e"' not in page and "data-composer" not in page


def offered(page: str) -> list[str]:
    """Return the names that the open conversation can be assigned to."""
    menu = page.partition('id="pane"')[2].partition('name="assignee"')[2].partition("</select>")[0]
    return re.findall(r">([^<]+)</option>", menu)


@pytest.mark.parametrize("headers", [{}, PART], ids=["page", "pane"])
@pytest.mark.parametrize(
    ("who", "names"),
    [
        ("customer", ["Me", "Nobody", "colleague@acme.example"]),
        ("operator", ["Me", "Nobody", "colleague@acme.example", "customer@acme.example"]),
    ],
    ids=["customer", "operator"],
)
def test_people_of_the_conversations_organization_can_be_assigned(request, acme, ann, stranger, headers, who, names):
    """The choice also works for staff who look at all organizations, and in a pane that a script fetches."""
    user = request.getfixturevalue(who)
    request.getfixturevalue("customer")
    colleague = factories.customer("colleague@acme.example", acme, role=MembershipRole.MEMBER)
    factories.customer("onlooker@acme.example", acme, role=MembershipRole.OBSERVER)
    client = client_of(user)
    assert offered(client.get(f"/inbox/{ann.pk}", headers=headers).content.decode()) == names
    organization = "all" if user.is_staff else str(acme.pk)
    data = {"organization": organization, "action": "assign", "id": str(ann.pk), "assignee": str(colleague.pk)}
    assert client.post(ACT, data, headers=PART).json()["text"] == "1 conversation assigned."
    page = client.get(f"/inbox/{ann.pk}").content.decode()
    assert f'<option value="{colleague.pk}" selected>' in page and ">colleague@acme.example</span>" in page


def test_an_assignee_of_the_agency_has_no_name_for_the_customer(customer, operator, acme, ann):
    client_of(operator).post(
        ACT, {"organization": "all", "action": "assign", "id": str(ann.pk), "assignee": "me"}, headers=PART
    )
    page = client_of(customer).get(f"/inbox/{ann.pk}").content.decode()
    assert "Agency" in offered(page) and operator.email not in page


def test_staff_who_look_at_all_act_in_each_organization(operator, acme, ann):
    answer = client_of(operator).post(ACT, {"organization": "all", "action": "done", "id": str(ann.pk)}, headers=PART)
    assert answer.status_code == 200 and fresh(ann).state == "done"
    undone = client_of(operator).post(
        ACT, {"organization": "all", "action": "undo", "token": answer.json()["undo"]}, headers=PART
    )
    assert undone.json()["text"] == "Undone." and fresh(ann).state == "open"


def test_a_form_of_another_organization_is_refused(customer, globex, ann):
    assert act(client_of(customer), globex, "done", ann).status_code == 409
    assert fresh(ann).state == "open"


def test_a_selection_and_a_whole_lane_are_changed_at_once(customer, acme, campaign, ann, monkeypatch):
    others = [replied(campaign, f"p{number}@lead.example", "10:00") for number in range(5)]
    client = client_of(customer)
    said = act(client, acme, "done", *others[:2]).json()
    assert said["text"] == "2 conversations done." and len(shown(client)) == 4
    monkeypatch.setattr(inbox_actions, "MOST", 3)
    said = client.post(
        ACT, {"organization": str(acme.pk), "action": "snooze", "until": "fri", "all": "1", "query": ""}, headers=PART
    ).json()
    assert said["text"] == "3 conversations snoozed. 1 is left: do it again." and len(shown(client)) == 1
    client.post(ACT, {"organization": str(acme.pk), "action": "undo", "token": said["undo"]}, headers=PART)
    assert len(shown(client)) == 4 and MOST > 200


@pytest.mark.parametrize(
    ("given", "state", "label"),
    [
        ({"until": "fri", "name": ""}, "snoozed", 0),
        ({"until": " ", "name": "VIP"}, "open", 1),
        ({"until": "", "name": ""}, "open", 0),
    ],
    ids=["a time", "a label", "nothing"],
)
def test_enter_in_a_field_for_a_selection_does_what_the_field_is_for(customer, acme, ann, given, state, label):
    """On Enter a browser presses the form's first button, which names no action."""
    client = client_of(customer)
    page = client.get("/inbox").content.decode()
    first = re.search(r'<form id="bulk".*?<button[^>]*value="(\w+)"', page, re.DOTALL)
    assert first and first[1] == "typed"
    assert act(client, acme, "typed", ann, **given).status_code == 200
    assert (fresh(ann).state, _count(ContactLabel)) == (state, label)


@pytest.mark.parametrize("which", ["chosen", "all"])
@pytest.mark.parametrize("action", ["done", "snooze", "read"])
def test_a_reply_that_came_after_the_list_was_made_is_not_closed_unseen(customer, acme, campaign, ann, action, which):
    bob = replied(campaign, "bob@lead.example", "10:00")
    client = client_of(customer)
    position = client.get("/inbox").context["position"]
    replied(campaign, "ann@atlas.example", "11:00")
    given: dict[str, Any] = {"all": "1", "query": ""} if which == "all" else {"id": [str(ann.pk), str(bob.pk)]}
    data = {"organization": str(acme.pk), "action": action, "until": "fri", "position": str(position), **given}
    client.post(ACT, data, headers=PART)
    assert (fresh(ann).state, fresh(ann).is_unread) == ("open", True), "nobody has seen the second mail"
    assert fresh(bob).state == {"done": "done", "snooze": "snoozed", "read": "open"}[action]
    assert not fresh(bob).is_unread


def test_a_list_is_never_older_than_the_position_it_polls_from(customer, acme, campaign, ann, monkeypatch):
    """A reply recorded while the list is built is reported by the page's next poll."""
    client = client_of(customer)
    later: list[Conversation] = []
    rows = listing.rows

    def made_meanwhile(*given: Any, **more: Any) -> Any:
        found = rows(*given, **more)
        if not later:
            later.append(replied(campaign, "late@lead.example", "11:00"))
        return found

    monkeypatch.setattr(listing, "rows", made_meanwhile)
    page = client.get("/inbox")
    assert [each["row"].email for each in page.context["rows"]] == ["ann@atlas.example"]
    ask = f"/poll?user={customer.pk}&organization={acme.pk}&since={page.context['position']}"
    assert client.get(ask).status_code == 200


def test_an_empty_lane_says_where_replies_wait(customer, acme, campaign, ann):
    with rls.scope(rls.SYSTEM):
        Conversation.objects.filter(pk=ann.pk).update(category="meeting")
    page = client_of(customer).get("/inbox").content.decode()
    assert "Nobody waits for an answer. New replies" not in page
    assert 'Waiting for an answer: <a href="/inbox?lane=meeting">Meeting 1</a>' in page


def test_another_users_or_an_old_undo_token_is_refused(customer, operator, acme, ann):
    token = act(client_of(customer), acme, "done", ann).json()["undo"]
    assert (
        client_of(operator)
        .post(ACT, {"organization": "all", "action": "undo", "token": token}, headers=PART)
        .status_code
        == 404
    )
    for bad in ("", "x", token[:-3]):
        answer = client_of(customer).post(
            ACT, {"organization": str(acme.pk), "action": "undo", "token": bad}, headers=PART
        )
        assert answer.status_code == 422
    assert fresh(ann).state == "done"


@pytest.mark.parametrize(
    ("action", "given"),
    [
        ("snooze", {"until": "soonish"}), ("label", {"name": ""}), ("note", {"text": " "}), ("assign", {"assignee": "x"}),
        ("done", {"reason": "x"}),
    ],
    ids=["snooze", "label", "note", "assign", "done"],
)  # fmt: skip
def test_invalid_input_is_refused_in_a_sentence(customer, acme, ann, action, given):
    answer = act(client_of(customer), acme, action, ann, **given)
    assert answer.status_code == 422 and len(answer.json()["text"]) > 10
    assert act(client_of(customer), acme, "unknown", ann).status_code == 404


# --- live ---------------------------------------------------------------------------------------------------------------


DISCONNECTS = 200


class OpenPage:
    """Model of an open page (app.js, inbox.js): it polls the feed's position, loads its list after a change, and again if the list was
    lost.
    """

    def __init__(self, client: Any, user: User, organization: Organization) -> None:
        self.client, self.dice, self.lost = client, Random(7), Counter[str]()
        self.ask = f"/poll?user={user.pk}&organization={organization.pk}&since="
        page = client.get("/inbox")
        self.since, self.rows, self.is_stale = page.context["position"], self._rows(page), False

    def step(self, fails: float) -> None:
        """Poll once, and load the list if it is due. Each request fails with the probability `fails`, in half of these cases after the
        server has answered.
        """
        answer = self._answer("poll", fails, f"{self.ask}{self.since}")
        if answer is not None and answer.status_code == 200:
            self.since, self.is_stale = answer.json()["position"], True
        if self.is_stale and (listed := self._answer("list", fails, "/inbox", {"X-Part": "list"})) is not None:
            self.rows, self.is_stale = self._rows(listed), False

    def _answer(self, what: str, fails: float, address: str, headers: dict[str, str] | None = None) -> Any:
        breaks = self.dice.random() < fails
        self.lost[what] += breaks
        if breaks and self.dice.random() < 0.5:
            return None
        answer = self.client.get(address, headers=headers or {})
        return None if breaks else answer

    def _rows(self, page: Any) -> list[Any]:
        rows = [each["row"].id for each in page.context["rows"]]
        assert len(rows) == len(set(rows)), "a row is there twice"
        return rows


def test_after_200_disconnects_of_the_poll_no_row_is_missed_and_none_is_there_twice(customer, acme, campaign, ann):
    page, came = OpenPage(client_of(customer), customer, acme), 1
    while page.lost.total() < DISCONNECTS:
        if page.dice.random() < 0.15:
            replied(campaign, f"p{came}@lead.example", f"1{came // 60}:{came % 60:02}")
            came += 1
        page.step(0.6)
    page.step(0)
    with rls.scope(rls.SYSTEM):
        expected = set(Conversation.objects.values_list("pk", flat=True))
    assert set(page.rows) == expected and len(page.rows) == came > 20
    assert min(page.lost["poll"], page.lost["list"]) > 20


def test_presence_says_who_else_is_there(customer, operator, acme, ann):
    mine, theirs = client_of(customer), client_of(operator)
    theirs.post("/switch", {"organization": str(acme.pk)})
    address, data = f"/inbox/{ann.pk}/presence", {"organization": str(acme.pk)}
    assert theirs.post(address, {**data, "writing": "1"}).json()["text"] == ""
    assert mine.post(address, data).json()["text"] == f"{operator.name or operator.email} is writing"
    assert "is looking at this" in theirs.post(address, data).json()["text"]
