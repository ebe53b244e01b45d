"""Change of a user's profile, and system checks of the settings that mails need."""

import pytest
from django.core.exceptions import ValidationError

from accounts.checks import check_mail_settings
from accounts.models import User
from accounts.profile import change_profile


def test_an_observer_chooses_language_time_zone_and_shortcuts(observer, audited):
    change_profile(observer, language="de", time_zone="Europe/Berlin", single_key_shortcuts=False, name="Olga")
    saved = User.objects.get(pk=observer.pk)
    assert (saved.language, saved.time_zone, saved.single_key_shortcuts, saved.name) == (
        "de",
        "Europe/Berlin",
        False,
        "Olga",
    )
    assert str(saved.zone()) == "Europe/Berlin"
    assert [entry[0] for entry in audited()] == ["profile.change"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("language", "fr"),
        ("time_zone", "Berlin"),
        ("time_zone", "Europe/Atlantis"),
        ("time_zone", "EST5EDT"),
        ("time_zone", "../../etc/passwd"),
        ("single_key_shortcuts", "perhaps"),
    ],
)
def test_invalid_profile_values_are_refused_by_field(observer, field, value):
    with pytest.raises(ValidationError) as refused:
        change_profile(observer, **{field: value})
    assert set(refused.value.message_dict) == {field}
    assert getattr(User.objects.get(pk=observer.pk), field) in ("", True)


@pytest.mark.parametrize("field", ["role", "email", "is_active", "password"])
def test_a_user_cannot_change_their_own_role(observer, field):
    with pytest.raises(TypeError, match=field):
        change_profile(observer, **{field: "sb_admin"})
    assert User.objects.get(pk=observer.pk).role == ""


def test_without_a_choice_the_zone_is_utc(customer):
    customer.time_zone = "Gone/Zone"
    assert str(customer.zone()) == str(User().zone()) == "UTC"


@pytest.mark.parametrize(
    ("email_url", "sender", "public_url", "ids"),
    [
        ("", "", "", []),
        ("", "", "https://salesbrain.example", []),
        ("smtp://mail.example", "Salesbrain <a@b.example>", "https://salesbrain.example", []),
        ("smtp://mail.example", "", "https://salesbrain.example", ["accounts.E003"]),
        ("smtp://mail.example", "nobody", "https://salesbrain.example", ["accounts.E003"]),
        ("smtp://mail.example", "a@b.example", "", ["accounts.E002"]),
    ],
)
def test_a_setting_that_mails_lack_is_named(settings, email_url, sender, public_url, ids):
    settings.EMAIL_URL, settings.DEFAULT_FROM_EMAIL, settings.PUBLIC_URL = email_url, sender, public_url
    assert [problem.id for problem in check_mail_settings()] == ids
