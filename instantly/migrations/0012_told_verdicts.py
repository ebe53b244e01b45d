"""Write existing decisions of staff on contacts' interest into the event log.

Verdicts that were withdrawn before are in the audit log only. The reverse migration deletes staff events from the log: the previous
release knows no event without a connection.
"""

from django.db import migrations

SCOPE = "SELECT set_config('app.user_role', %s, true)"

FORWARDS = """
INSERT INTO messaging_event (id, organization_id, contact_id, type, detail, interest, origin, happened_at, step, variant, email_account,
    email_id, lead_email, first_name, last_name, company)
SELECT sb_event_id(), organization_id, id, 'staff_verdict', staff_interest, staff_interest, 'staff', staff_interest_at, 0, 0, '',
    '', email, '', '', ''
FROM (
    SELECT * FROM messaging_contact WHERE staff_interest IS NOT NULL AND staff_interest_at IS NOT NULL ORDER BY staff_interest_at, id
) AS told
"""
BACKWARDS = "DELETE FROM messaging_event WHERE origin = 'staff'"


class Migration(migrations.Migration):
    dependencies = [("instantly", "0011_event_id"), ("messaging", "0012_staff_events")]

    operations = [
        migrations.RunSQL([(SCOPE, ["sb_admin"])], [(SCOPE, [""])]),
        migrations.RunSQL(FORWARDS, BACKWARDS),
        migrations.RunSQL([(SCOPE, [""])], [(SCOPE, ["sb_admin"])]),
    ]
