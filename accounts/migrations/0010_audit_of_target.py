"""Index of the audit log by target, for listing the history of one row."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("accounts", "0009_api_caller")]

    operations = [
        AddIndexConcurrently(
            "auditentry", models.Index(fields=["target_type", "target_id", "-at"], name="audit_of_target")
        )
    ]
