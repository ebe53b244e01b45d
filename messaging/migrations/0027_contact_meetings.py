"""Index of contacts who booked a meeting, latest first, for earlier replies that led to one."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("messaging", "0026_lanes")]

    operations = [
        AddIndexConcurrently(
            "contact",
            models.Index(
                fields=["organization", "-meeting_at", "id"],
                condition=models.Q(("meeting_at__isnull", False)),
                name="contact_meeting",
            ),
        ),
    ]
