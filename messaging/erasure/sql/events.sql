-- What the log has of the person, on the anonymous contact and its mails. Position, type, time and interest stay: figures count them;
-- a label that people typed may say who it was, and so may the word of a note.
UPDATE messaging_event e SET lead_email = %(alias)s, first_name = '', last_name = '', company = '', email_id = '',
    detail = CASE WHEN e.type = ANY (%(typed)s::text[]) THEN ''
        WHEN e.origin = 'staff' AND e.interest <> ALL (%(words)s) THEN %(label)s ELSE e.detail END,
    interest = CASE WHEN e.origin = 'staff' AND e.interest <> ALL (%(words)s) THEN %(label)s ELSE e.interest END,
    contact_id = CASE WHEN e.contact_id IS NOT NULL THEN %(new_id)s::uuid END,
    message_id = coalesce(
        (SELECT r.new_id FROM json_to_recordset(%(messages)s::json) AS r (old_id uuid, new_id uuid) WHERE r.old_id = e.message_id),
        e.message_id)
WHERE e.organization_id = %(organization)s::uuid AND (e.contact_id = %(old_id)s::uuid OR e.lead_email = %(email)s)
RETURNING e.id
