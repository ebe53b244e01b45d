"""API list of connections (admin/connections): ids that staff need for syncing, and no secret."""

import pytest

from tests import factories

URL = "/api/instantly/admin/connections"


def test_staff_find_the_ids_that_syncing_needs(api, viewer, acme, acme_connection, shared_connection):
    found = {row["name"]: row for row in api(viewer).get(URL).json()["data"]["connections"]}
    assert {name: row["id"] for name, row in found.items()} == {
        "acme": str(acme_connection.pk),
        "shared": str(shared_connection.pk),
    }
    assert found["acme"]["organization"] == {"id": str(acme.pk), "name": "Acme"} and not found["acme"]["is_shared"]
    assert found["shared"]["organization"] is None and found["shared"]["is_shared"]


def test_no_key_and_no_webhook_secret_is_returned(api, admin, acme_connection):
    secret = factories.webhook_secret(acme_connection)
    said = api(admin).get(URL).content.decode()
    assert acme_connection.api_key not in said and acme_connection.api_key[-4:] not in said and secret not in said
    assert "key" not in said.replace("workspace", "").lower()


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("?organization=acme", ["acme"]),
        ("?is_active=false", ["globex"]),
        ("?query=SHAR", ["shared"]),
        ("?status=new", ["acme", "globex", "shared"]),
        ("?ordering=-name&limit=1", ["shared"]),
    ],
)
def test_the_list_of_connections_can_be_filtered(api, viewer, acme_connection, shared_connection, globex, query, names):
    factories.connection("globex", globex, is_active=False)
    assert [row["name"] for row in api(viewer).get(URL + query).json()["data"]["connections"]] == names


def test_customers_and_strangers_are_refused(api, customer, acme_connection):
    assert api(customer).get(URL).status_code == 403 and api().get(URL).status_code == 401
