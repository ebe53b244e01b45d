-- Marks received messages of an organization to be categorized anew.
INSERT INTO messaging_triagepending (message_id)
SELECT id FROM messaging_message WHERE organization_id = %(organization)s AND direction = 'in' AND happened_at >= %(since)s ORDER BY id
ON CONFLICT (message_id) DO UPDATE SET taken_at = NULL, tries = 0
