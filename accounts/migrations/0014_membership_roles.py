"""Make room for the roles of members; the next step fills them in, the one after tightens."""

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
