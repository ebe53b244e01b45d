"""Column that marks events which report a mail once more; they are left out of the API's feed."""

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("messaging", "0012_staff_events")]

    operations = [
        migrations.AddField(
            "event",
            "copy_of",
            models.BigIntegerField(editable=False, help_text="The event that stands for both.", null=True),
        ),
        AddIndexConcurrently(
            "event",
            models.Index(
                fields=["id"],
                condition=models.Q(("copy_of__isnull", True), ("position__isnull", True)),
                name="event_to_number",
            ),
        ),
        RemoveIndexConcurrently("event", "event_unnumbered"),
    ]
