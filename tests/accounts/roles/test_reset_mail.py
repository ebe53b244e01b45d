"""Mail of a password reset, word for word in both languages, and what its link does."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils import translation

from accounts import password_reset
from accounts.models import User
from accounts.refusals import InvalidLink
from tests import factories
from tests.accounts.roles.conftest import NOW
from tests.accounts.roles.test_invitations import PASSWORD, mail_server  # noqa: F401  a fixture

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mail_server")]
LINK = "https://salesbrain.example/password-reset/"

SUBJECTS = {"en": "Set a new password for Salesbrain", "de": "Neues Passwort für Salesbrain festlegen"}
TEXTS = {
    "en": """Hello Carla,

Somebody asked for a new password for you on Salesbrain. Open this link to set one:

{link}

It works once and for 72 hours. If it was not you, do nothing: your password stays as it is.

--
Salesbrain, https://salesbrain.example
""",
    "de": """Guten Tag Carla,

für Sie wurde ein neues Passwort bei Salesbrain angefordert. Mit diesem Link legen Sie es fest:

{link}

Der Link gilt einmal und 72 Stunden lang. Wenn Sie das nicht waren, brauchen Sie nichts zu tun: Ihr Passwort bleibt, wie es ist.

--
Salesbrain, https://salesbrain.example
""",
}
IN_BOTH_LANGUAGES = pytest.mark.parametrize("language", ["en", "de"])


@pytest.fixture
def sent(customer, stranger, language) -> Any:
    """Return the reset mail to Acme's customer, who reads in `language`; other organizations have users too."""
    User.objects.filter(pk=customer.pk).update(language=language, name="Carla")
    with translation.override("de" if language == "en" else "en"):  # whoever asks may read in another one
        password_reset.request_password_reset(customer.email, now=NOW)
    (message,) = mail.outbox
    return message


def token_in(sent: Any) -> str:
    return str(sent.body.partition(LINK)[2].split()[0])


@IN_BOTH_LANGUAGES
def test_subject_and_text_are_in_the_readers_language(sent, language):
    assert sent.subject == SUBJECTS[language]
    assert sent.body.strip() == TEXTS[language].format(link=LINK + token_in(sent)).strip()


@IN_BOTH_LANGUAGES
def test_the_html_says_the_same_and_has_the_same_link(sent, language):
    ((html, kind),) = sent.alternatives
    assert kind == "text/html" and f'lang="{language}"' in html
    assert f'href="{LINK}{token_in(sent)}"' in html
    words = TEXTS[language].split("\n")
    assert words[0] in html and next(line for line in words if "72" in line) in html


@IN_BOTH_LANGUAGES
def test_a_reset_mail_goes_to_one_address_and_names_no_other(sent, customer, stranger):
    assert sent.recipients() == [customer.email]
    assert sent.extra_headers["Auto-Submitted"] == "auto-generated"
    whole = sent.message().as_string()
    assert stranger.email not in whole and "globex" not in whole.lower()
    assert whole.count(customer.email) == 1, "in the To line"


@IN_BOTH_LANGUAGES
def test_a_reset_mails_link_works_once(sent, customer, language):
    token = token_in(sent)
    assert password_reset.confirm_password_reset(token, password=PASSWORD, now=NOW + timedelta(hours=71)) == customer
    with pytest.raises(InvalidLink):
        password_reset.confirm_password_reset(token, password="another long phrase", now=NOW + timedelta(hours=71))
    customer.refresh_from_db()
    assert customer.check_password(PASSWORD)


@IN_BOTH_LANGUAGES
def test_a_reset_mails_link_ends_after_72_hours(sent, customer):
    with pytest.raises(InvalidLink):
        password_reset.confirm_password_reset(token_in(sent), password=PASSWORD, now=NOW + timedelta(hours=72))
    customer.refresh_from_db()
    assert customer.check_password("customer-password")


@pytest.mark.parametrize("language", ["en"])
def test_a_link_sets_the_password_of_its_own_user_alone(sent, stranger):
    password_reset.confirm_password_reset(token_in(sent), password=PASSWORD, now=NOW + timedelta(hours=1))
    stranger.refresh_from_db()
    assert stranger.check_password("customer-password")


@pytest.mark.parametrize(("accepted", "subject"), [("en", SUBJECTS["en"]), ("de-AT", SUBJECTS["de"])])
def test_a_user_without_a_chosen_language_gets_the_mail_in_the_browsers(customer, accepted, subject):
    assert customer.language == ""
    Client().post("/password-reset", {"email": customer.email}, headers={"accept-language": accepted})
    assert [message.subject for message in mail.outbox] == [subject]


def test_a_name_cannot_inject_markup_or_headers(db):
    user = factories.customer("eve@acme.example")
    User.objects.filter(pk=user.pk).update(name="<b>Eve</b>\nBcc: all@acme.example", language="en")
    password_reset.request_password_reset(user.email, now=NOW)
    sent: Any = mail.outbox[0]
    assert sent.recipients() == [user.email]
    assert "<b>Eve</b>" not in sent.alternatives[0][0] and "\n" not in sent.subject
