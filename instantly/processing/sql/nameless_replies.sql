-- For replies whose deliveries name no mail, the received mails only gap repair told so far (two deliveries are two); for mails gap
-- repair tells now, the replies without a name. Of the same campaign, person and subject within two minutes, as match_mails.sql has it.
SELECT r.place, m.id, m.email_id, abs(extract(epoch FROM m.sent_at - r.at))::float8
FROM json_to_recordset(%s::json) AS r (
        place int, organization_id uuid, campaign_id uuid, contact_id uuid, at timestamptz, subject text, is_named boolean)
    JOIN messaging_message m ON m.organization_id = r.organization_id AND m.contact_id = r.contact_id AND m.campaign_id = r.campaign_id
WHERE m.direction = 'in' AND m.kind = 'campaign' AND m.sent_at BETWEEN r.at - interval '2 minutes' AND r.at + interval '2 minutes'
    AND (coalesce(m.subject, '') IN ('', r.subject) OR r.subject = '')
    AND CASE WHEN r.is_named THEN m.email_id IS NULL ELSE m.email_id IS NOT NULL AND (
        SELECT every(e.origin = 'backfill') FROM messaging_event e
        WHERE e.organization_id = r.organization_id AND e.contact_id = r.contact_id AND e.message_id = m.id) END
