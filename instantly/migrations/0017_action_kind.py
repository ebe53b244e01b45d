"""The kinds of staff actions are the rows of instantly/actions/registry.py: a new one needs no migration. Changes no column."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("instantly", "0016_former_digest")]

    operations = [
        migrations.AlterField(
            "staffaction",
            "kind",
            models.TextField(help_text="Of a row of the table of actions, instantly/actions/registry.py."),
        )
    ]
