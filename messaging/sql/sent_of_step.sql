-- The mails we have of a step that a campaign sent a person.
SELECT s.place, m.id, m.variant
FROM json_to_recordset(%s::json) AS s (place integer, organization_id uuid, contact_id uuid, campaign_id uuid, step integer)
    JOIN messaging_message m ON m.organization_id = s.organization_id AND m.contact_id = s.contact_id
        AND m.campaign_id = s.campaign_id AND m.direction = 'out' AND m.kind = 'campaign' AND m.step = s.step
