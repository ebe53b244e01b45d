"""Make an event's connection nullable, for events that record decisions of staff."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("messaging", "0011_unread")]

    operations = [migrations.AlterField("event", "connection_id", models.UUIDField(null=True))]
