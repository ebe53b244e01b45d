-- Which received mail of the inbox a reply is that names none: the campaign's nearest of the same person and subject within two
-- minutes, as match_mails.sql has it the other way round. Only where gap repair told the mail: two deliveries are two.
SELECT r.place, m.email_id
FROM json_to_recordset(%s::json) AS r (
        place int, organization_id uuid, campaign_id uuid, contact_id uuid, at timestamptz, subject text),
    LATERAL (
        SELECT m.email_id FROM messaging_message m
        WHERE m.organization_id = r.organization_id AND m.contact_id = r.contact_id AND m.campaign_id = r.campaign_id
            AND m.direction = 'in' AND m.email_id IS NOT NULL
            AND m.sent_at BETWEEN r.at - interval '2 minutes' AND r.at + interval '2 minutes'
            AND coalesce(m.subject, '') IN ('', r.subject)
            AND EXISTS (
                SELECT FROM messaging_event e
                WHERE e.organization_id = r.organization_id AND e.contact_id = r.contact_id AND e.message_id = m.id
                    AND e.origin = 'backfill')
        ORDER BY abs(extract(epoch FROM m.sent_at - r.at)), m.id
        LIMIT 1) AS m
