-- When deliveries told these received mails. Who was erased has no such events any more.
SELECT DISTINCT e.message_id, e.happened_at
FROM json_to_recordset(%s::json) AS r (organization_id uuid, contact_id uuid, message_id uuid)
    JOIN messaging_event e ON e.organization_id = r.organization_id AND e.contact_id = r.contact_id AND e.message_id = r.message_id
WHERE e.origin = 'webhook' AND e.type IN ('reply_received', 'auto_reply_received')
