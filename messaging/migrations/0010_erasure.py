"""Suppression reason for erased people, stored by keyed hash, and a function that reads the hash key."""

from pathlib import Path

from django.db import migrations, models

SQL = Path(__file__).with_name("sql") / "erasure_secret_1.sql"


class Migration(migrations.Migration):
    dependencies = [("messaging", "0009_machine_opens"), ("accounts", "0006_installation_secret")]

    operations = [
        migrations.AlterField(
            model_name="suppression",
            name="reason",
            field=models.TextField(
                choices=[
                    ("unsubscribe", "Unsubscribed"),
                    ("complaint", "Complained (spam report)"),
                    ("manual", "Entered by staff"),
                    ("import", "Imported"),
                    ("erased", "Erased; the address is a keyed hash"),
                ]
            ),
        ),
        migrations.RunSQL(SQL.read_text(encoding="utf-8"), "DROP FUNCTION sb_erasure_secret()"),
    ]
