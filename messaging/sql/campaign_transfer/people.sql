-- Everybody a campaign's events and messages name, once.
SELECT c.id, c.email FROM messaging_contact c
WHERE c.id IN (
    SELECT contact_id FROM messaging_event WHERE campaign_id = %(campaign)s::uuid AND contact_id IS NOT NULL
    UNION SELECT contact_id FROM messaging_message WHERE campaign_id = %(campaign)s::uuid)
ORDER BY c.id
