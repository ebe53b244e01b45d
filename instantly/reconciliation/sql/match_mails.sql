-- Which message a mail of Instantly's inbox is: by its id, else the campaign's nearest of the same person, sender, direction
-- and subject within two minutes. (IS NOT DISTINCT FROM: see lead_events.sql.) `place` is the step's sent mail, which tells the variant a mail does not name.
SELECT l.email_id, found.id, place.variant
FROM json_to_recordset(%(mails)s::json) AS l (
        email_id text, campaign text, lead text, sender text, direction text, at timestamptz, subject text, step integer)
    JOIN campaigns_campaign c ON c.connection_id = %(connection)s::uuid AND c.provider_id = l.campaign
    LEFT JOIN messaging_contact p ON p.organization_id = c.organization_id AND p.email = l.lead
    LEFT JOIN LATERAL (
        SELECT m.id FROM messaging_message m
        WHERE m.organization_id = c.organization_id AND m.contact_id = p.id AND m.campaign_id IS NOT DISTINCT FROM c.id
            AND m.direction = l.direction AND m.kind = 'campaign' AND m.sent_at IS NOT NULL
            AND (m.email_id = l.email_id OR (
                m.email_id IS NULL AND coalesce(m.email_account = l.sender, true)
                AND m.sent_at BETWEEN l.at - interval '2 minutes' AND l.at + interval '2 minutes'
                AND (coalesce(m.subject, '') IN ('', l.subject))))
        ORDER BY (m.email_id IS NOT NULL) DESC, abs(extract(epoch FROM m.sent_at - l.at)), m.id
        LIMIT 1) AS found ON true
    LEFT JOIN LATERAL (
        SELECT CASE WHEN count(DISTINCT m.variant) = 1 THEN min(m.variant) END AS variant FROM messaging_message m
        WHERE m.organization_id = c.organization_id AND m.contact_id = p.id AND m.campaign_id IS NOT DISTINCT FROM c.id
            AND m.direction = 'out' AND m.kind = 'campaign' AND m.step = l.step) AS place ON true
