-- What the log has of the contact, under the canonical address and on its contact and mails. Positions stay: nothing new happened.
UPDATE messaging_event e SET lead_email = %(address)s,
    contact_id = CASE WHEN e.contact_id IS NOT NULL THEN %(new_id)s::uuid END,
    message_id = coalesce(
        (SELECT r.new_id FROM json_to_recordset(%(messages)s::json) AS r (old_id uuid, new_id uuid) WHERE r.old_id = e.message_id),
        e.message_id)
WHERE e.organization_id = %(organization)s::uuid AND (e.contact_id = %(old_id)s::uuid OR e.lead_email = %(email)s)
