"""Stored scores of sentence embeddings by reply, for replays."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("messaging", "0036_lab_rules_and_calibration"),
    ]

    operations = [
        migrations.AddField(
            model_name="messagecategory",
            name="sentence_scores",
            field=models.BinaryField(
                help_text="What the embeddings say, float32 by category, so that a replay need not read the text; NULL: without.",
                null=True,
            ),
        ),
    ]
