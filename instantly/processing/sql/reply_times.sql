-- The received mails of these ids that are recorded, with when deliveries or the inbox told each. Who was erased has none any more.
SELECT DISTINCT r.key, m.id, e.happened_at, e.origin <> 'backfill'
FROM json_to_recordset(%s::json) AS r (organization_id uuid, contact_id uuid, campaign_id uuid, email_id text, key uuid)
    JOIN messaging_message m ON m.organization_id = r.organization_id AND m.email_id = r.email_id AND m.contact_id = r.contact_id
        AND m.campaign_id = r.campaign_id AND m.direction = 'in'
    JOIN messaging_event e ON e.organization_id = m.organization_id AND e.contact_id = m.contact_id AND e.message_id = m.id
        AND e.type IN ('reply_received', 'auto_reply_received')
