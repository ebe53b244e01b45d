"""Column for whether a received message is unread at the provider; null until its inbox is read."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("messaging", "0010_erasure")]

    operations = [
        migrations.AddField(
            "message",
            "is_unread",
            models.BooleanField(
                editable=False,
                help_text="Of a received one, in the provider's inbox; NULL: sent, or not told yet.",
                null=True,
            ),
        ),
        migrations.AddIndex(
            "message",
            models.Index(
                fields=["organization", "campaign"],
                condition=models.Q(
                    ("direction", "in"), models.Q(("is_unread", True), ("is_unread__isnull", True), _connector="OR")
                ),
                name="message_maybe_unread",
            ),
        ),
    ]
