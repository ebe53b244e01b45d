-- An organization's own replies by hand after which the person booked a meeting within %(within)s, latest meeting first, up to %(most)s, each
-- with the mail that it answered and that mail's category. What the provider's AI agent wrote is left out.
SELECT c.id, c.email, c.first_name, c.last_name, c.company, ours.happened_at, ours.sent_text, ours.body_text, theirs.subject, theirs.text,
    (SELECT category FROM messaging_messagecategory k WHERE k.organization_id = %(organization)s AND k.id = theirs.id)
FROM (
    SELECT id, email, first_name, last_name, company, meeting_at FROM messaging_contact
    WHERE organization_id = %(organization)s AND meeting_at IS NOT NULL AND id <> %(contact)s
    ORDER BY meeting_at DESC, id LIMIT %(most)s) AS c,
LATERAL (
    SELECT m.id, m.happened_at, left(coalesce(m.reply_text, m.body_text), 20000) AS body_text,
        (SELECT o.text FROM messaging_outboxmessage o
            WHERE o.organization_id = %(organization)s AND o.contact_id = c.id AND o.email_id = m.email_id LIMIT 1) AS sent_text
    FROM messaging_message m
    WHERE m.organization_id = %(organization)s AND m.contact_id = c.id AND m.happened_at <= c.meeting_at
        AND m.happened_at > c.meeting_at - %(within)s::interval AND m.direction = 'out' AND m.kind = 'manual'
        AND NOT EXISTS (SELECT FROM messaging_event e
            WHERE e.organization_id = %(organization)s AND e.contact_id = c.id AND e.happened_at = m.happened_at AND e.message_id = m.id
                AND e.detail = %(agents)s)
    ORDER BY m.happened_at DESC, m.id DESC LIMIT 1) AS ours,
LATERAL (
    SELECT id, subject, left(coalesce(reply_text, body_text), 10000) AS text FROM messaging_message
    WHERE organization_id = %(organization)s AND contact_id = c.id AND happened_at <= ours.happened_at AND direction = 'in'
        AND NOT is_auto_reply
    ORDER BY happened_at DESC, id DESC LIMIT 1) AS theirs
ORDER BY c.meeting_at DESC, c.id
