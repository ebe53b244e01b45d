"""Sums of the daily stats per organization and day, and notes of the days to sum again."""

from pathlib import Path

import django.db.models.deletion
from django.db import migrations, models

from salesbrain.rls.operations import protect
from salesbrain.rls.policies import tenant_policies_2

SQL = (Path(__file__).with_name("sql") / "organization_stats_1.sql").read_text(encoding="utf-8")
DROP = """DROP TRIGGER campaign_tracking ON campaigns_campaign; DROP TRIGGER daily_stats_inserted ON messaging_dailystats;
DROP TRIGGER daily_stats_updated ON messaging_dailystats; DROP TRIGGER daily_stats_deleted ON messaging_dailystats;
DROP FUNCTION sb_note_other_tracking(); DROP FUNCTION sb_note_new_stats(); DROP FUNCTION sb_note_changed_stats();
DROP FUNCTION sb_note_deleted_stats();"""
SCOPE = "SELECT set_config('app.user_role', %s, true)"
NOTE_ALL = "INSERT INTO messaging_stalestats (organization_id) SELECT id FROM accounts_organization"


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0025_retention"),
        ("campaigns", "0011_assignment_rules"),
        ("messaging", "0038_list_indexes"),
    ]

    operations = [
        migrations.CreateModel(
            name="OrganizationDailyStats",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("day", models.DateField()),
                ("tracks_opens", models.BooleanField()),
                ("tracks_links", models.BooleanField()),
                ("row_count", models.IntegerField(db_default=0, default=0)),
                ("messages", models.IntegerField(db_default=0, default=0)),
                ("sent", models.IntegerField(db_default=0, default=0)),
                ("replies", models.IntegerField(db_default=0, default=0)),
                ("auto_replies", models.IntegerField(db_default=0, default=0)),
                ("bounces", models.IntegerField(db_default=0, default=0)),
                ("unique_opens", models.IntegerField(db_default=0, default=0)),
                ("unique_clicks", models.IntegerField(db_default=0, default=0)),
                ("unique_replies", models.IntegerField(db_default=0, default=0)),
                ("machine_opens", models.IntegerField(db_default=0, default=0)),
                ("machine_clicks", models.IntegerField(db_default=0, default=0)),
                ("unique_machine_opens", models.IntegerField(db_default=0, default=0)),
                ("unique_machine_clicks", models.IntegerField(db_default=0, default=0)),
                ("opens", models.IntegerField(db_default=0, default=0)),
                ("clicks", models.IntegerField(db_default=0, default=0)),
                ("unsubscribes", models.IntegerField(db_default=0, default=0)),
                ("complaints", models.IntegerField(db_default=0, default=0)),
                ("interested", models.IntegerField(db_default=0, default=0)),
                ("not_interested", models.IntegerField(db_default=0, default=0)),
                ("meetings", models.IntegerField(db_default=0, default=0)),
                (
                    "organization",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.organization",
                    ),
                ),
            ],
            options={
                "ordering": ["-day", "id"],
                "verbose_name_plural": "organization daily stats",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organization", "day", "tracks_opens", "tracks_links"),
                        name="organization_daily_stats_key",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="StaleStats",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("day", models.DateField(help_text="NULL: all days.", null=True)),
                (
                    "organization",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.organization",
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
                "verbose_name_plural": "stale stats",
                "indexes": [models.Index(fields=["organization", "day"], name="stale_stats_organization")],
            },
        ),
        *protect("OrganizationDailyStats", tenant_policies_2()),
        *protect("StaleStats", tenant_policies_2()),
        migrations.RunSQL(SQL, DROP),
        migrations.RunSQL([(SCOPE, ["sb_admin"])], [(SCOPE, [""])]),
        migrations.RunSQL(NOTE_ALL, migrations.RunSQL.noop),
        migrations.RunSQL([(SCOPE, [""])], [(SCOPE, ["sb_admin"])]),
    ]
