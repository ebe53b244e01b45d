"""Check constraint on memberships: role is owner, member or observer."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0015_members_become_owners")]

    operations = [
        migrations.AddConstraint(
            "membership",
            models.CheckConstraint(
                condition=models.Q(("role__in", ["owner", "member", "observer"])), name="membership_role"
            ),
        )
    ]
