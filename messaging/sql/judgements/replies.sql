-- Replies the provider took for a person's, with their own words, in the order of the log.
SELECT e.id, e.type, m.subject, m.reply_text
FROM messaging_event e JOIN messaging_message m ON m.id = e.message_id
WHERE e.id > %(after)s AND e.type IN ('reply_received', 'auto_reply_received') AND e.detail = 'reply_received'
    AND (%(organization)s::uuid IS NULL OR e.organization_id = %(organization)s::uuid)
ORDER BY e.id LIMIT %(limit)s
