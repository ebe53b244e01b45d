"""Delete the form data stored with failed logins, because it contained recovery codes."""

from django.db import migrations

FORGET = "UPDATE axes_accessattempt SET get_data = '', post_data = '' WHERE get_data <> '' OR post_data <> ''"


class Migration(migrations.Migration):
    dependencies = [("accounts", "0021_security_events"), ("axes", "0010_accessattemptexpiration")]

    operations = [migrations.RunSQL(FORGET, migrations.RunSQL.noop)]
