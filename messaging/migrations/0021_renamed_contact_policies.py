"""The policies of renamed people in the words all other tables have by now (0010_staff_policies): 0020 was written beside it."""

from django.db import migrations

from salesbrain.rls.operations import restate
from salesbrain.rls.policies import staff_policies, staff_policies_2


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("messaging", "0030_erasure")]

    operations = [*restate("RenamedContact", staff_policies_2(), before=staff_policies())]
