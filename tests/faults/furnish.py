"""Script that creates rows in the installation under test, run by `manage.py shell`, output JSON."""

import json
import sys

from tests import factories

organization = factories.organization("Acme")
connection = factories.connection("acme", organization)
campaign = factories.campaign(connection)
secret = factories.webhook_secret(connection)
token = factories.token(factories.customer("customer@acme.example", organization))
colleagues = [
    factories.token(factories.customer(f"colleague{number}@acme.example", organization, role="member"))
    for number in range(16)
]
furnished = {
    "secret": secret,
    "workspace": connection.workspace_id,
    "campaign": campaign.provider_id,
    "api_key": connection.api_key,
    "token": token,
    "colleagues": colleagues,
}
sys.stdout.write(json.dumps(furnished) + "\n")
