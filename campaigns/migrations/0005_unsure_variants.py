"""Flag campaigns that have sent mails recorded without their A/B variant.

messaging/variant_matching.py uses the flag.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0004_one_index_less")]

    operations = [
        migrations.AddField(
            "campaign",
            "is_variant_unsure",
            models.BooleanField(
                db_default=False,
                default=False,
                editable=False,
                help_text="The provider's inbox told mails of it, and several variants of their step could be what was sent.",
            ),
        ),
    ]
