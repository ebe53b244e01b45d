"""What our staff say of contacts by now, told in the event log too. What they had said before and taken back is in the audit log only.

Backwards, the log loses what staff said: the release before knows no event without a connection.
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
