"""The actions' policies in the words all other tables have by now (0010_staff_policies): 0060 was written beside it."""

from django.db import migrations

from salesbrain.rls.operations import restate
from salesbrain.rls.policies import staff_policies, staff_policies_2


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("instantly", "0060_staff_action")]

    operations = [*restate("StaffAction", staff_policies_2(), before=staff_policies())]
