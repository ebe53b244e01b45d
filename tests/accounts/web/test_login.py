"""Login page: redirect after login, refusals, one-click login of the demo."""

import pytest
from django.test import Client

from accounts.models import User
from accounts.web import demo_users
from tests import factories
from tests.salesbrain.web.pages import client_of

pytestmark = pytest.mark.django_db(transaction=True)


def log_in(client: Client, user: User, password: str, **more: str):
    return client.post("/login", {"username": user.email, "password": password, **more})


def test_customers_arrive_at_the_overview_and_staff_at_the_dashboard(customer, viewer):
    assert log_in(Client(), customer, "customer-password")["Location"] == "/"
    assert log_in(Client(), viewer, "viewer-password")["Location"] == "/admin/"


def test_a_login_redirects_to_the_requested_page(customer):
    assert (
        log_in(Client(), customer, "customer-password", next="/settings/tokens?a=1")["Location"]
        == "/settings/tokens?a=1"
    )


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "https:evil.example",
        "\t//evil.example",
        "http:///evil.example",
    ],
)
def test_a_login_never_redirects_to_another_site(customer, address):
    assert log_in(Client(), customer, "customer-password", next=address)["Location"] == "/"
    assert address.strip() not in Client().get("/login", {"next": address}).content.decode().split('name="next"')[1]


def test_the_session_gets_another_key(customer):
    client = Client()
    client.cookies["sessionid"] = "a" * 32
    log_in(client, customer, "customer-password")
    assert client.session.session_key != "a" * 32 and client.get("/").status_code == 200


def test_a_logged_in_user_is_redirected_to_the_start_page(customer):
    assert client_of(customer).get("/login")["Location"] == "/"


def test_a_user_without_access_to_a_page_sees_who_is_logged_in(customer):
    answer = client_of(customer).get("/admin/", follow=True)
    assert "You are logged in as customer@acme.example" in answer.content.decode()


def test_logging_out_takes_a_form(customer):
    client = client_of(customer)
    assert client.get("/logout").status_code == 405
    assert client.post("/logout")["Location"] == "/login"
    assert client.get("/")["Location"] == "/login"


def test_a_form_is_refused_without_its_token(customer):
    client = Client(enforce_csrf_checks=True)
    for address in (
        "/login",
        "/login/code",
        "/login/demo",
        "/logout",
        "/switch",
        "/settings",
        "/settings/tokens/revoke",
    ):
        assert client.post(address, {"username": customer.email, "password": "customer-password"}).status_code == 403, (
            address
        )


@pytest.fixture
def demo(settings, db) -> User:
    settings.DEMO = True
    assert "customer@acme.example" in demo_users._emails()
    return factories.customer("customer@acme.example", factories.organization("Acme"))


def test_in_the_demo_one_click_logs_in(demo):
    client = Client()
    assert demo.email in client.get("/login").content.decode()
    assert client.post("/login/demo", {"email": demo.email})["Location"] == "/"
    assert client.get("/").status_code == 200


def test_one_click_is_for_the_users_of_the_demo_alone(demo, initech):
    other = factories.customer("somebody@initech.example", initech)
    client = Client()
    assert other.email not in client.get("/login").content.decode()
    assert client.post("/login/demo", {"email": other.email}).status_code == 404
    User.objects.filter(pk=demo.pk).update(is_active=False)
    assert client.post("/login/demo", {"email": demo.email}).status_code == 404


def test_outside_of_the_demo_there_is_no_one_click_login(demo, settings):
    settings.DEMO = False
    client = Client()
    assert demo.email not in client.get("/login").content.decode()
    assert client.post("/login/demo", {"email": demo.email}).status_code == 404
