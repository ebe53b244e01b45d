"""Add columns of assignment rules (applied, listed) and of campaigns (tags, assigning rule).

A change of tags alone does not say that the campaign itself has changed, so the sync goes on skipping it.
"""

from django.db import migrations, models

TRIGGER = """CREATE OR REPLACE TRIGGER campaign_digest BEFORE UPDATE ON campaigns_campaign FOR EACH ROW
WHEN (new.digest = old.digest{}) EXECUTE FUNCTION sb_forget_digest()"""
# One by one, as in 0009.
COUNTS_ARE_EQUAL = "".join(
    f" AND new.{name} IS NOT DISTINCT FROM old.{name}" for name in ("leads_count", "contacted_count", "completed_count")
)
TAGS_ARE_EQUAL = " AND new.tags IS NOT DISTINCT FROM old.tags"
KINDS = [
    ("name_prefix", "Name begins with"),
    ("name_contains", "Name contains"),
    ("name_pattern", "Name fits the pattern"),
    ("tag", "Has the tag"),
    ("sender_domain", "Sends from the domain"),
    ("listed", "Is in the list"),
]


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0010_removed_campaigns")]

    operations = [
        migrations.AddField(
            "campaign",
            "assigned_rule",
            models.UUIDField(
                blank=True,
                editable=False,
                help_text="Key of the rule that assigned it. NULL beside a time: a person did.",
                null=True,
            ),
        ),
        migrations.AddField(
            "campaign",
            "tags",
            models.JSONField(
                blank=True,
                editable=False,
                help_text="Labels of the workspace on it that rules ask about. NULL: never read.",
                null=True,
            ),
        ),
        migrations.AddField(
            "assignmentrule",
            "applied_at",
            models.DateTimeField(
                blank=True,
                editable=False,
                help_text="When it was applied after a look at what it takes. Empty: without effect.",
                null=True,
            ),
        ),
        migrations.AddField(
            "assignmentrule",
            "listed",
            models.JSONField(
                blank=True,
                help_text="The provider's ids of the campaigns of a list; other kinds have none.",
                null=True,
            ),
        ),
        migrations.AlterField("assignmentrule", "kind", models.TextField(choices=KINDS, default="name_prefix")),
        migrations.AlterField(
            "assignmentrule",
            "value",
            models.TextField(help_text="What is looked for; of a list, what it is called."),
        ),
        migrations.RunSQL(TRIGGER.format(COUNTS_ARE_EQUAL + TAGS_ARE_EQUAL), TRIGGER.format(COUNTS_ARE_EQUAL)),
    ]
