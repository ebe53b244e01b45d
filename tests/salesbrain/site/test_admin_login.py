"""Login to the admin: uniform errors, temporary lockout, mandatory second factor."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_otp.oath import TOTP

from accounts import second_factor
from accounts.models import AuditEntry, Authenticator, User
from salesbrain import rls
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)  # the lock counts what is committed
LOGIN, CODE, SET_UP = "/login", "/login/code", "/settings/second-factor"


@pytest.fixture(autouse=True)
def fresh_login_limits(transactional_db):
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM api_throttle")  # of no model, so it is not flushed


@pytest.fixture
def required(settings):
    settings.SECOND_FACTOR_REQUIRED = True


@pytest.fixture
def clock():
    with time_machine.travel(timezone.now(), tick=False) as traveller:
        yield traveller


def log_in(client: Client, email: str, password: str, code: str = "", **extra: Any):
    """Submit the password and, if asked, the code; return the last response."""
    answer = client.post(LOGIN, {"username": email, "password": password, "next": "/admin/"}, **extra)
    if answer.status_code == 302 and answer["Location"] == CODE:
        return client.post(CODE, {"code": code}, **extra)
    return answer


def code_of(device: Authenticator, clock) -> str:
    """Return the device's code of the next time step, because each is accepted once."""
    clock.shift(timedelta(seconds=31))
    totp = TOTP(device.bin_key, device.step, device.t0, device.digits)
    totp.time = timezone.now().timestamp()
    return f"{totp.token():06d}"


@pytest.fixture
def enrolled(admin, clock):
    """Return an admin with a second factor and recovery codes."""
    device = second_factor.begin(admin)
    return device, second_factor.confirm(device, code_of(device, clock))


def actions() -> list[str]:
    with rls.scope(rls.SYSTEM):
        return list(AuditEntry.objects.order_by("id").values_list("action", flat=True))


def words(answer) -> list[str]:
    return [str(error) for errors in answer.context["form"].errors.values() for error in errors]


# --- brute force ----------------------------------------------------------------------------------------------------


def test_a_wrong_password_an_unknown_user_and_a_customer_get_the_same_answer(admin, acme):
    factories.customer("customer@acme.example", acme)
    answers = [
        log_in(Client(), admin.email, "wrong"),
        log_in(Client(), "nobody@salesbrain.example", "wrong"),
        log_in(Client(), "customer@acme.example", "wrong"),
    ]
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert len({tuple(words(answer)) for answer in answers}) == 1


@pytest.mark.parametrize("email", ["admin@salesbrain.example", "nobody@salesbrain.example"])
def test_the_fifth_failure_locks_any_user(admin, email):
    for _ in range(4):
        assert log_in(Client(), email, "wrong").status_code == 200
    locked = log_in(Client(), email, "wrong")
    assert (locked.status_code, locked["Retry-After"]) == (429, "900")
    assert "Wait 15 minutes" in locked.content.decode()


def test_the_right_password_during_a_lockout_gets_the_same_response(admin):
    for _ in range(5):
        wrong = log_in(Client(), admin.email, "wrong")
    right = log_in(Client(), admin.email, "admin-password")
    assert right.status_code == 429
    assert "Wait 15 minutes" in right.content.decode() and "Wait 15 minutes" in wrong.content.decode()


def test_the_lockout_ends(admin, clock):
    for _ in range(5):
        log_in(Client(), admin.email, "wrong")
    clock.shift(timedelta(minutes=14))
    assert log_in(Client(), admin.email, "admin-password").status_code == 429
    clock.shift(timedelta(minutes=2))
    assert log_in(Client(), admin.email, "admin-password").status_code == 302


def test_writing_the_address_differently_does_not_give_more_tries(admin):
    for email in (
        "Admin@Salesbrain.example",
        " admin@salesbrain.example",
        "ADMIN@SALESBRAIN.EXAMPLE ",
        "admin@salesbrain.examplE",
    ):
        assert log_in(Client(), email, "wrong").status_code == 200
    assert log_in(Client(), admin.email, "wrong").status_code == 429


def test_a_colleague_behind_the_same_proxy_and_the_same_person_elsewhere_are_not_locked_out(admin, viewer):
    for _ in range(5):
        log_in(Client(), admin.email, "wrong")
    assert log_in(Client(), viewer.email, "viewer-password").status_code == 302
    assert log_in(Client(), admin.email, "admin-password", REMOTE_ADDR="192.0.2.7").status_code == 302


def test_a_forged_address_does_not_give_more_tries(admin):
    for number in range(4):
        log_in(Client(), admin.email, "wrong", HTTP_X_FORWARDED_FOR=f"198.51.100.{number}")
    assert log_in(Client(), admin.email, "wrong", HTTP_X_FORWARDED_FOR="198.51.100.99").status_code == 429


def test_logins_of_an_address_are_limited_before_the_password_is_looked_at(admin, settings, monkeypatch):
    limited = {**settings.REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"], "login": "2/quarter"}
    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "DEFAULT_THROTTLE_RATES": limited}
    for number in range(2):
        assert log_in(Client(), f"nobody{number}@nowhere.example", "wrong").status_code == 200
    monkeypatch.setattr(User, "check_password", lambda *_: pytest.fail("hashed"))
    monkeypatch.setattr(User, "set_password", lambda *_: pytest.fail("hashed"))
    refused = log_in(Client(), "nobody3@nowhere.example", "wrong")
    assert refused.status_code == 429 and int(refused["Retry-After"]) > 0
    assert "Too many logins from this IP address. Wait" in refused.content.decode()
    monkeypatch.undo()
    assert log_in(Client(), admin.email, "admin-password", REMOTE_ADDR="192.0.2.7").status_code == 302


def test_login_and_logout_are_written_down_and_failures_leave_no_password(admin):
    client = Client()
    log_in(client, admin.email, "not-my-password-27")
    log_in(client, admin.email, "admin-password")
    client.post("/logout")
    assert actions() == ["login.failed", "login", "logout"]
    from axes.models import AccessAttempt

    assert "not-my-password-27" not in str(list(AccessAttempt.objects.values()))


def test_a_deactivated_user_gets_the_same_response(admin):
    User.objects.filter(pk=admin.pk).update(is_active=False)
    right, wrong = log_in(Client(), admin.email, "admin-password"), log_in(Client(), admin.email, "wrong")
    assert words(right) == words(wrong) != []


# --- second factor --------------------------------------------------------------------------------------------------


def test_staff_without_a_second_factor_can_only_set_one_up(required, admin):
    client = Client()
    assert log_in(client, admin.email, "admin-password").status_code == 302
    for url in (
        "/admin/",
        "/admin/messaging/message/",
        reverse("admin:accounts_user_changelist"),
        "/admin/password_change/",
    ):
        assert client.get(url, follow=True).redirect_chain[-1] == (SET_UP, 302), url
    assert client.get(LOGIN)["Location"] == SET_UP
    assert b"<svg" in client.get(SET_UP).content


def test_setting_up_a_second_factor_logs_in_and_shows_recovery_codes_once(required, admin, clock):
    client = Client()
    log_in(client, admin.email, "admin-password")
    page = client.get(SET_UP)
    assert page["Cache-Control"].find("no-store") >= 0
    device = Authenticator.objects.get(user=admin)
    assert second_factor.secret(device) in page.content.decode()
    assert client.post(SET_UP, {"code": "000000"}).context["error"]
    clock.shift(timedelta(minutes=1))
    codes = client.post(SET_UP, {"code": code_of(device, clock)}).context["codes"]
    assert len(set(codes)) == second_factor.CODES
    assert client.get("/admin/").status_code == 200
    again = client.get(SET_UP).content.decode()
    assert not [code for code in codes if code in again]
    assert second_factor.secret(device) not in again
    assert actions() == ["login", "second_factor.set_up"]


def test_with_a_second_factor_a_password_alone_opens_nothing(required, admin, enrolled):
    client = Client()
    assert client.post(LOGIN, {"username": admin.email, "password": "admin-password"})["Location"] == CODE
    for url in ("/admin/", "/", "/settings"):
        assert client.get(url)["Location"].split("?")[0] in (LOGIN, "/admin/login/"), url
    assert words(client.post(CODE, {"code": ""})) != []
    assert "login" not in actions()


def test_the_second_step_requires_the_first(required, admin, enrolled, clock):
    client = Client()
    assert client.get(CODE)["Location"] == LOGIN
    assert client.post(CODE, {"code": code_of(enrolled[0], clock)})["Location"] == LOGIN
    assert client.get("/admin/").status_code == 302


def test_the_second_step_ends_after_ten_minutes_and_with_another_password(required, admin, enrolled, clock):
    late, changed = Client(), Client()
    for client in (late, changed):
        client.post(LOGIN, {"username": admin.email, "password": "admin-password"})
    admin.set_password("another-password")
    admin.save()
    assert changed.get(CODE)["Location"] == LOGIN
    admin.set_password("admin-password")
    admin.save()
    late.post(LOGIN, {"username": admin.email, "password": "admin-password"})
    assert late.get(CODE).status_code == 200
    clock.shift(timedelta(minutes=11))
    assert late.get(CODE)["Location"] == LOGIN


def test_each_step_gets_a_session_key_of_its_own(required, admin, enrolled, clock):
    client = Client()
    client.cookies["sessionid"] = "chosen-by-somebody-else"
    client.post(LOGIN, {"username": admin.email, "password": "admin-password"})
    first = client.session.session_key
    client.post(CODE, {"code": code_of(enrolled[0], clock)})
    assert len({"chosen-by-somebody-else", first, client.session.session_key}) == 3


def test_password_and_code_open_in_two_steps(required, admin, enrolled, clock):
    client = Client()
    assert log_in(client, admin.email, "admin-password", code_of(enrolled[0], clock))["Location"] == "/admin/"
    assert client.get("/admin/").status_code == 200


def test_a_code_is_accepted_once(required, admin, enrolled, clock):
    code = code_of(enrolled[0], clock)
    assert log_in(Client(), admin.email, "admin-password", code).status_code == 302
    assert log_in(Client(), admin.email, "admin-password", code).status_code == 200


def test_a_recovery_code_is_accepted_once_and_as_typed_from_paper(required, admin, enrolled, clock):
    code = enrolled[1][0]
    assert log_in(Client(), admin.email, "admin-password", f" {code.upper().replace('-', ' ')} ").status_code == 302
    clock.shift(timedelta(minutes=1))
    assert log_in(Client(), admin.email, "admin-password", code).status_code == 200
    assert second_factor.recovery_codes_left(admin) == second_factor.CODES - 1


def test_recovery_codes_are_stored_hashed(admin, enrolled):
    from django_otp.plugins.otp_static.models import StaticToken

    stored = set(StaticToken.objects.values_list("token", flat=True))
    assert len(stored) == second_factor.CODES
    assert not stored & {code.replace("-", "") for code in enrolled[1]}
    clear = sorted(stored)[0]
    assert log_in(Client(), admin.email, "admin-password", clear).status_code == 200


def test_guessing_codes_locks_like_guessing_passwords(required, admin, enrolled, clock):
    for number in range(5):
        clock.shift(timedelta(minutes=1))
        answer = log_in(Client(), admin.email, "admin-password", f"00000{number}")
    assert answer.status_code == 429


def test_another_users_code_is_refused(required, admin, viewer, enrolled, clock):
    other = second_factor.begin(viewer)
    second_factor.confirm(other, code_of(other, clock))
    assert log_in(Client(), admin.email, "admin-password", code_of(other, clock)).status_code == 200


def test_a_session_without_the_second_factor_cannot_replace_it(required, admin, enrolled):
    client = Client()
    client.force_login(admin)  # a session that shows a password only
    assert client.get("/admin/").status_code == 302
    assert client.get(SET_UP)["Location"].startswith(LOGIN)
    assert client.post(SET_UP, {"code": "1", "what": "replace"})["Location"].startswith(LOGIN)
    assert second_factor.is_on(admin)


def test_replacing_a_second_factor_needs_a_code_and_sets_up_a_new_one(required, admin, enrolled, clock):
    client = Client()
    log_in(client, admin.email, "admin-password", code_of(enrolled[0], clock))
    assert client.post(SET_UP, {"code": "000000", "what": "replace"}).context["error"]
    clock.shift(timedelta(minutes=1))
    assert client.post(SET_UP, {"code": code_of(enrolled[0], clock), "what": "replace"}).status_code == 302
    assert not second_factor.is_on(admin)
    assert client.get("/admin/").status_code == 302


def test_new_recovery_codes_end_the_old_ones(required, admin, enrolled, clock):
    client = Client()
    log_in(client, admin.email, "admin-password", code_of(enrolled[0], clock))
    fresh = client.post(SET_UP, {"code": code_of(enrolled[0], clock), "what": "codes"}).context["codes"]
    clock.shift(timedelta(minutes=1))
    assert log_in(Client(), admin.email, "admin-password", enrolled[1][3]).status_code == 200
    clock.shift(timedelta(minutes=1))
    assert log_in(Client(), admin.email, "admin-password", fresh[3]).status_code == 302


def test_an_admin_takes_a_lost_factor_away_and_an_operator_cannot(admin, operator, viewer, clock):
    device = second_factor.begin(viewer)
    second_factor.confirm(device, code_of(device, clock))
    form = {"action": "reset_second_factor", "_selected_action": [str(viewer.pk)]}
    for user, still_on in ((operator, True), (admin, False)):
        client = Client()
        client.force_login(user)
        client.post(reverse("admin:accounts_user_changelist"), form)
        assert second_factor.is_on(viewer) is still_on
    assert "admin.reset_second_factor" in actions()


def test_a_customer_may_set_up_and_remove_a_second_factor(required, customer, clock, api):
    client = Client()
    assert client.get(SET_UP)["Location"].startswith(LOGIN)
    assert log_in(client, customer.email, "customer-password").status_code == 302
    assert client.get("/").status_code == 200, "no customer needs one"
    assert "picture" in client.get(SET_UP).context
    device = Authenticator.objects.get(user=customer)
    client.post(SET_UP, {"code": code_of(device, clock)})
    assert second_factor.is_on(customer)
    password_alone = {"email": customer.email, "password": "customer-password", "name": "script"}
    assert api().post("/api/auth/tokens", password_alone).status_code == 401, "a password alone would go past it"
    assert log_in(Client(), customer.email, "customer-password", "000000").status_code == 200
    clock.shift(timedelta(minutes=1))
    assert client.post(SET_UP, {"code": code_of(device, clock), "what": "off"}).status_code == 302
    assert not second_factor.is_on(customer)
    assert api().post("/api/auth/tokens", password_alone).status_code == 201


def test_staff_cannot_remove_a_required_second_factor(required, admin, enrolled, clock):
    client = Client()
    log_in(client, admin.email, "admin-password", code_of(enrolled[0], clock))
    assert b'value="off"' not in client.get(SET_UP).content


# --- what is kept of a failed login ---------------------------------------------------------------------------------


def kept_of_failed_logins() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(t::text, ' ') FROM axes_accessattempt t")
        return cursor.fetchone()[0] or ""


@pytest.mark.parametrize("times", [1, 3])
def test_a_failed_login_stores_no_typed_text(required, enrolled, admin, times):
    _, codes = enrolled
    for _ in range(times):
        Client().post(
            f"{LOGIN}?hint=typed-into-the-address",
            {"username": admin.email, "password": "typed-password", "code": codes[0], "other": "typed-elsewhere"},
        )
    kept = kept_of_failed_logins()
    assert admin.email in kept, "axes counted it"
    assert "typed" not in kept and codes[0] not in kept and codes[0].replace("-", "") not in kept


def test_attempts_without_the_password_do_not_delay_the_code(required, enrolled, admin):
    _, codes = enrolled
    for _ in range(3):
        log_in(Client(), admin.email, "wrong", "abcde-fghjk", REMOTE_ADDR="192.0.2.77")
    assert log_in(Client(), admin.email, "admin-password", codes[0]).status_code == 302


def test_recovery_codes_typed_while_locked_out_stay_valid(required, enrolled, admin):
    _, codes = enrolled
    for _ in range(5):
        log_in(Client(), admin.email, "wrong")
    log_in(Client(), admin.email, "admin-password", codes[0])
    assert second_factor.recovery_codes_left(admin) == len(codes)
