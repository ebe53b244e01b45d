# Run by `manage.py shell` in the installation to break: one workspace, one campaign, one secret; printed as JSON.
import json
import sys

from tests import factories

organization = factories.organization("Acme")
connection = factories.connection("acme", organization)
campaign = factories.campaign(connection)
secret = factories.webhook_secret(connection)
sys.stdout.write(
    json.dumps({"secret": secret, "workspace": connection.workspace_id, "campaign": campaign.provider_id}) + "\n"
)
