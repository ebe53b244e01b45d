"""Membership roles owner, member and observer: drop the former constraint, change the choices.

0015 sets the role of existing members, 0016 adds the new constraint.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0013_user_preferences")]

    operations = [
        migrations.RemoveConstraint("membership", "membership_role"),
        migrations.AlterField(
            "membership",
            "role",
            models.TextField(
                choices=[("owner", "Owner"), ("member", "Member"), ("observer", "Observer")], default="member"
            ),
        ),
    ]
