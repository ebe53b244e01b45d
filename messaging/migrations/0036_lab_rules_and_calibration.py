"""Changed rules of replays and organizations, and the calibration of learned scores."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("messaging", "0035_event_outcomes"),
    ]

    operations = [
        migrations.AddField(
            model_name="scoringsettings",
            name="calibration",
            field=models.JSONField(
                help_text="Chance of a positive outcome at a score: start, slope, and how well that held (bins); NULL: not learned.",
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="triagelearning",
            name="rules",
            field=models.JSONField(help_text="Changes of the rules that hold: off and phrases; NULL: none.", null=True),
        ),
        migrations.AddField(
            model_name="triagereplay",
            name="rules",
            field=models.JSONField(help_text="Changes of the rules: off and phrases; NULL: none.", null=True),
        ),
    ]
