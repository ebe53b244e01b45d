-- What follows from the events judged anew, which this statement sees: a second one for that.
WITH changed AS MATERIALIZED (
    SELECT * FROM json_to_recordset(%(changed)s::json) AS c (
        organization_id uuid, campaign_id uuid, contact_id uuid, message_id uuid, step int, variant int)
), received AS (
    UPDATE messaging_message m SET updated_at = now(), is_auto_reply = NOT EXISTS (
        SELECT FROM messaging_event e
        WHERE e.organization_id = m.organization_id AND e.contact_id = m.contact_id AND e.message_id = m.id AND e.type = 'reply_received')
    WHERE m.id IN (SELECT message_id FROM changed) AND m.direction = 'in'
), answered AS (
    UPDATE messaging_message m SET updated_at = now(), replied_at = (
        SELECT min(e.happened_at) FROM messaging_event e
        WHERE e.organization_id = m.organization_id AND e.contact_id = m.contact_id AND e.campaign_id = m.campaign_id
            AND e.type = 'reply_received' AND (e.step, e.variant) = (m.step, m.variant))
    FROM changed c
    WHERE m.organization_id = c.organization_id AND m.contact_id = c.contact_id AND m.campaign_id = c.campaign_id AND m.direction = 'out'
        AND (m.step, m.variant) = (c.step, c.variant)
)
UPDATE messaging_contact p SET updated_at = now(), replied_at = (
    SELECT min(e.happened_at) FROM messaging_event e
    WHERE e.organization_id = p.organization_id AND e.contact_id = p.id AND e.type = 'reply_received')
WHERE p.id IN (SELECT contact_id FROM changed)
