"""Search over messages in German and English, limited to the caller's organization.

The author of the rules wrote the mails and queries below: a regression test, not an estimate of quality.
"""

import threading
from datetime import timedelta
from io import StringIO
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from messaging import search
from messaging.models import Contact, ContactSearch, Message, MessageSearch, RenamedContact, SearchPending
from messaging.search import SearchQuery
from salesbrain import rls
from tests import factories

MAILS = {
    "offer": (
        "Angebot für Ihre Häuser",
        "Guten Tag Herr Müller, anbei die Angebote für drei Häuser in Köln. Preis: 12.500 Euro.",
    ),
    "meeting": ("Terminvereinbarung", "Passt Ihnen ein Gespräch am Donnerstag? Rufen Sie mich an: 089/1234-567."),
    "english": (
        "Quick question about pricing",
        "Hi Anna-Lena, we are running campaigns for agencies. Are you interested in prices?",
    ),
    "street": ("Neue Straße", "Unsere Adresse ist jetzt Große Straße 5, Café René nebenan. Schöne Grüße."),
    "reply": (
        "Re: Quick question",
        "No thanks, please remove me.\n\nOn Mon, Jul 6, 2026 at 9:00 Anna wrote:\n> secretquoted words",
    ),
    "email": ("E-Mail Zustellung", "Unsere E-Mail kam zurück, siehe ticket-4711 und https://status.example/x?id=9."),
}
PEOPLE = {
    "offer": ("Jürgen", "Schmidt-Mueller", "j.schmidt@haus.example"),
    "meeting": ("Katharina", "Wiśniewska", "kw@termin.example"),
    "english": ("Anna-Lena", "O'Brien", "anna.lena@agency.example"),
    "street": ("René", "Groß", "rene@cafe.example"),
    "reply": ("Max", "Power", "max@power.example"),
    "email": ("Ünal", "Yıldız", "unal@post.example"),
}
QUESTIONS = [
    ("Haus", {"offer"}), ("Häuser", {"offer"}), ("haeuser", {"offer"}), ("Angeboten", {"offer"}), ("angebot koeln", {"offer"}),
    ("12500", {"offer"}), ("12.500", {"offer"}), ("Müller", {"offer"}), ("Mueller", {"offer"}), ("Muller", {"offer"}),
    ("Schmidt", {"offer"}), ("Schmidt-Müller", {"offer"}), ("jürgen", {"offer"}), ("Juergen", {"offer"}),
    ("Termin", {"meeting"}), ("gespräche", {"meeting"}), ("gespraech", {"meeting"}), ("089 1234567", {"meeting"}), ("1234567", {"meeting"}),
    ("price", {"english"}), ("campaign", {"english"}), ("agency run", {"english"}), ("annalena", {"english"}), ("Anna-Lena", {"english"}),
    ("obrien", {"english"}), ("anna.lena@agency.example", {"english"}), ("agency.example", {"english"}), ("interes", {"english"}),
    ("Strasse", {"street"}), ("straße", {"street"}), ("groß", {"street"}), ("gross", {"street"}), ("cafe", {"street"}),
    ("rene", {"street"}),
    ("remove", {"reply"}), ("secretquoted", set()), ("email", {"email"}), ("E-Mail", {"email"}), ("4711", {"email"}),
    ("zustellungen", {"email"}),
    ('"Große Straße"', {"street"}), ('"Straße Große"', set()), ("question", {"english", "reply"}), ("question -remove", {"english"}),
    ("Termin OR Angebot", {"meeting", "offer"}), ("termin oder angebot", {"meeting", "offer"}), ("quick pric", {"english"}),
    ("question -pricing", {"reply"}),
]  # fmt: skip


@pytest.fixture
def mails(acme_connection):
    campaign = factories.campaign(acme_connection)
    for number, (name, (subject, body)) in enumerate(MAILS.items()):
        first, last, address = PEOPLE[name]
        factories.message(
            campaign, address, subject=subject, body_text=body, happened_at=factories.NOON + timedelta(minutes=number)
        )
        factories.contact(acme_connection.organization, address, first_name=first, last_name=last)
    index()
    return campaign


def index() -> int:
    with rls.scope(rls.SYSTEM):
        search.rebuild()
    return sum(iter(lambda: search.index_pending(2), 0))


def names(hits) -> set[str]:
    by_subject = {subject: name for name, (subject, _) in MAILS.items()}
    return {
        by_subject[subject]
        for subject in Message.objects.filter(pk__in=[hit.id for hit in hits]).values_list("subject", flat=True)
    }


def test_search_finds_the_expected_mails(mails, acme):
    with rls.scope(rls.customer(acme.pk)):
        wrong = {
            text: found
            for text, wanted in QUESTIONS
            if (found := names(search.newest(SearchQuery(text), limit=50))) != wanted
        }
    assert wrong == {}


def test_typing_mistakes_find_the_person(mails, acme):
    with rls.scope(rls.customer(acme.pk)):
        for typed, wanted in (
            ("Katarina", "meeting"),
            ("Schmitt-Müller", "offer"),
            ("Wisniewski", "meeting"),
            ("Anna-Lina", "english"),
        ):
            question = SearchQuery(typed)
            assert names(search.newest_of_contacts(question, search.similar_contacts(question), limit=5)) >= {wanted}, (
                typed
            )


HOSTILE = [
    "", " ", "'", '"' * 999, ":*", "\\", "a:*b", "!!", "&|!()", "-foo", "- -", "der die das", "the", "x" * 100_000, "😀", "\u0001\u0002",
    "%", "_", "'; DROP TABLE messaging_message; --", "a <-> b", "or", "OR OR", "-\"",
    "\ud83d".encode("utf-8", "replace").decode(), "ﬁ" * 300, "a@", "@b.c", "1e400",
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_no_typed_text_makes_the_search_fail(mails, acme, text):
    with rls.scope(rls.customer(acme.pk)):
        search.newest(SearchQuery(text), limit=5)
        search.ranked(SearchQuery(text), limit=5, offset=0, as_of=factories.NOON)
        search.similar_contacts(SearchQuery(text))
        search.count(SearchQuery(text))


def test_filters_combine(mails, acme, acme_connection):
    other = factories.campaign(acme_connection, "Other")
    factories.message(
        other,
        "j.schmidt@haus.example",
        subject="Angebot zwei",
        direction="in",
        happened_at=factories.NOON - timedelta(days=3),
    )
    index()
    with rls.scope(rls.customer(acme.pk)):
        count = lambda **filters: len(search.newest(SearchQuery("angebot", **filters), limit=9))  # noqa: E731
        assert count() == 2 and count(campaign_id=other.pk) == count(direction="in") == count(until=factories.NOON) == 1
        assert count(since=factories.NOON, direction="in") == 0
        person = Message.objects.get(subject="Angebot zwei").contact_id
        assert count(contact_id=person) == 2 and count(contact_id=uuid4()) == 0


def test_pages_show_each_hit_once_newest_first(mails, acme):
    for number in range(7):
        factories.message(
            mails,
            f"p{number}@many.example",
            subject="Wiederholung",
            happened_at=factories.NOON + timedelta(seconds=number // 3),
        )
    index()
    with rls.scope(rls.customer(acme.pk)):
        seen, before = [], None
        while page := search.newest(SearchQuery("Wiederholungen"), limit=2, before=before):
            seen += page
            before = page[-1]
        assert len(seen) == 7 == len({hit.id for hit in seen})
        assert [(hit.at, hit.id) for hit in seen] == sorted(((hit.at, hit.id) for hit in seen), reverse=True)
        for limit in (1, 3, 9):
            assert search.first(SearchQuery("Wiederholungen"), limit=limit) == (seen[:limit], 7), (
                "page and count in one look"
            )
        assert search.first(SearchQuery("Nichtdergleichen"), limit=3) == ([], 0)


@pytest.mark.parametrize("text", ["rundbriefe", '"Neuer Rundbrief"', '"Neuer Rundbrief" -Anderes'])
@pytest.mark.parametrize("limit", [10, 1000])
def test_the_walk_and_the_index_find_the_same(mails, acme, text, limit):
    """The function scans the newest rows first and uses the index only if they have too few hits; both ways must agree."""
    for number in range(40):
        factories.message(
            mails,
            f"w{number}@walk.example",
            subject=("Anderes", "Neuer Rundbrief", "Rundbrief, neuer Text")[number % 3],
            happened_at=factories.NOON + timedelta(hours=number),
        )
    index()
    expected = 13 if text.startswith('"') else 26
    with rls.scope(rls.customer(acme.pk)), connection.cursor() as cursor:
        found = []
        for probe in (0, 1, 5, 20, 200):
            cursor.execute("SELECT id FROM app_search_messages(%s, %s, p_probe => %s)", [text, limit, probe])
            found.append(cursor.fetchall())
        assert all(one == found[0] for one in found) and len(found[0]) == min(limit, expected)


def test_relevance_puts_a_name_before_a_mention(mails, acme):
    factories.message(
        mails,
        "someone@else.example",
        body_text="Max said so. " + "word " * 200,
        happened_at=factories.NOON + timedelta(days=1),
    )
    index()
    with rls.scope(rls.customer(acme.pk)):
        newest = search.newest(SearchQuery("max"), limit=5)
        ranked = search.ranked(SearchQuery("max"), limit=5, offset=0, as_of=factories.NOON + timedelta(days=2))
        assert [hit.id for hit in newest] == [hit.id for hit in reversed(ranked)]
        assert names(ranked[:1]) == {"reply"}


# --- the step that writes the rows --------------------------------------------------------------------------------------


def pending() -> int:
    with rls.scope(rls.SYSTEM):
        return SearchPending.objects.count() + RenamedContact.objects.count()


def test_each_pending_message_is_written_once_and_taken_off_the_list(mails):
    assert pending() == 0 and index() == 0
    with rls.scope(rls.SYSTEM):
        assert MessageSearch.objects.count() == len(MAILS) and ContactSearch.objects.count() == len(PEOPLE)


def test_a_renamed_contact_is_found_by_the_new_name(mails, acme):
    factories.contact(acme, "max@power.example", first_name="Maximiliane")
    assert pending() == 1 and search.index_pending() == 2, "the person and the one message"
    assert pending() == 0
    with rls.scope(rls.customer(acme.pk)):
        assert names(search.newest(SearchQuery("Maximiliane"), limit=5)) == {"reply"}


def test_an_unchanged_contact_is_not_indexed_again(mails, acme):
    factories.contact(acme, "max@power.example", first_name="Max", last_name="Power")
    assert pending() == 0


def test_a_deleted_message_leaves_no_queue_row(mails):
    with rls.scope(rls.SYSTEM):
        SearchPending.objects.create(message_id=uuid4())
    assert search.index_pending() == 1 and pending() == 0


@pytest.mark.django_db(transaction=True)
def test_a_note_that_a_writer_holds_is_left_for_the_next_time(acme_connection, acme):
    """A note deleted before the writer's transaction commits would leave the new name out of the index for good."""
    factories.message(factories.campaign(acme_connection), "max@power.example")
    with rls.scope(rls.SYSTEM):
        search.rebuild()
    taken = []

    def step() -> None:
        taken.append(search.index_pending())
        connection.close()

    with rls.scope(rls.SYSTEM):
        Contact.objects.filter(email="max@power.example").update(first_name="Maximiliane")
        other = threading.Thread(target=step)
        other.start()
        other.join(10)
    assert taken == [1], "the message's own note, with the old name; the person's is left"
    assert search.index_pending() == 2
    with rls.scope(rls.customer(acme.pk)):
        assert len(search.newest(SearchQuery("Maximiliane"), limit=5)) == 1


def rebuild_search(*options: str) -> str:
    out = StringIO()
    call_command("rebuild_search", *options, stdout=out)
    return out.getvalue().strip()


def test_rows_of_older_rules_are_written_again(mails, globex):
    with rls.scope(rls.SYSTEM):
        MessageSearch.objects.update(version=0)
    number = len(MAILS)
    assert rebuild_search("--dry-run") == f"{number} messages have no search row of this release."
    assert rebuild_search("--organization", "globex").startswith("0 messages")
    said = f"{number} messages have no search row of this release; "
    assert rebuild_search("--organization", "acme") == f"{said}{number} of them were queued, 0 waited already."
    assert rebuild_search() == f"{said}0 of them were queued, {number} waited already."
    assert sum(iter(lambda: search.index_pending(2), 0)) == number
    assert rebuild_search("--dry-run").startswith("0 messages")


def test_an_organization_that_is_not_there_is_named(acme):
    with pytest.raises(CommandError, match="no organization 'acne'. There are: .*acme"):
        rebuild_search("--organization", "acne")


# --- it cannot be steered -----------------------------------------------------------------------------------------------


@pytest.fixture
def theirs(mails, globex_connection):
    message = factories.message(
        factories.campaign(globex_connection), "geheim@globex.example", subject="Angebot von Globex"
    )
    factories.contact(globex_connection.organization, "geheim@globex.example", first_name="Katharina")
    index()
    return message


def ids(sql: str, *arguments) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(sql, arguments)
        return {row[0] for row in cursor.fetchall()}


ALL = "SELECT id FROM app_search_messages('angebot', 1000)"


def test_a_customer_finds_her_organizations_mails_only(theirs, acme, globex):
    with rls.scope(rls.customer(globex.pk)):
        assert ids(ALL) == {theirs.pk}
    with rls.scope(rls.customer(acme.pk)):
        assert ids(ALL) and theirs.pk not in ids(ALL)


@pytest.mark.parametrize("role", rls.ROLES)
def test_staff_find_everybodys_or_one_organizations(theirs, globex, role):
    with rls.scope(rls.staff(role)):
        assert len(ids(ALL)) == 2
        assert ids("SELECT id FROM app_search_messages('angebot', 9, p_organization => %s)", globex.pk) == {theirs.pk}


def test_naming_another_organization_finds_nothing(theirs, acme, globex):
    with rls.scope(rls.customer(acme.pk)):
        for function in (
            "app_search_messages('angebot', 9, p_organization => %s)",
            "app_search_ranked('angebot', 9, p_organization => %s)",
        ):
            assert ids(f"SELECT id FROM {function}", globex.pk) == set()
        assert ids("SELECT contact_id FROM app_search_people('Katarina', 9, %s)", globex.pk) == set()


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"app.current_org_id": ""},
        {"app.user_role": "sb_admin"},
        {"app.user_role": "sb_admin", "app.current_org_id": ""},
    ],
)
def test_without_a_scope_or_with_half_of_one_there_is_nothing(theirs, settings):
    """Session variables of a staff scope, without its database role, must show nothing; an earlier search function showed foreign ids."""
    with transaction.atomic(), connection.cursor() as cursor:
        for name, value in settings.items():
            cursor.execute("SELECT set_config(%s, %s, true)", [name, value])
        assert ids(ALL) == ids("SELECT contact_id FROM app_search_people('Katharina')") == set()


def test_a_customer_with_the_staffs_variable_sees_her_own_and_no_more(theirs, acme):
    with rls.scope(rls.customer(acme.pk)), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('app.user_role', 'sb_admin', true)")
        assert theirs.pk not in ids(ALL)


@pytest.mark.parametrize(
    "attack",
    [
        "SET ROLE sb_definer",
        "SELECT sb_search_scope(NULL)",
        "SELECT sb_search_where(true, false, false, false, false, false, false)",
        "CREATE FUNCTION public.sb_norm(t text) RETURNS text LANGUAGE sql AS 'SELECT 1'",
        "CREATE TEMP TABLE messaging_messagesearch (id uuid)",
        "CREATE SCHEMA evil",
        "ALTER FUNCTION app_search_people(text, int, uuid) RESET ALL",
        "SET LOCAL row_security = off; SELECT count(*) FROM messaging_messagesearch",
    ],
)
def test_bypassing_the_search_functions_is_denied(theirs, acme, attack):
    with (
        rls.scope(rls.customer(acme.pk)),
        pytest.raises(DatabaseError),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(attack)


@pytest.mark.parametrize(
    "setting",
    [
        "search_path = pg_temp, public",
        "gin_fuzzy_search_limit = 1",
        "pg_trgm.word_similarity_threshold = 0",
        "client_min_messages = debug5",
    ],
)
def test_a_session_setting_changes_nothing(theirs, acme, setting):
    with rls.scope(rls.customer(acme.pk)), connection.cursor() as cursor:
        before = ids(ALL), ids("SELECT contact_id FROM app_search_people('Katarina')")
        cursor.execute(f"SET LOCAL {setting}")
        after = (
            ids(ALL.replace("app_", "public.app_")),
            ids("SELECT contact_id FROM public.app_search_people('Katarina')"),
        )
    assert before == after and before[1]


@pytest.mark.parametrize("limit", [-5, 0, 10_000_000])
def test_a_requested_limit_is_capped(theirs, acme, limit):
    with rls.scope(rls.customer(acme.pk)):
        assert theirs.pk not in ids("SELECT id FROM app_search_messages('angebot', %s)", limit)
