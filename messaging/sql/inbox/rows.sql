-- Rows of a list, in the order of the keys: the conversation, whose it is, its labels, its latest received mail, and the name of who takes
-- care of it, where that is one of the organization's people; and in which states replies of ours are that are not sent, of drafts the
-- reader's own.
SELECT v.id, v.organization_id, v.state, v.done_reason, v.snoozed_until, v.last_mail_at, v.waiting_since, v.is_unread, v.category,
    v.assignee_id, c.email, concat_ws(' ', c.first_name, c.last_name), c.company, m.subject,
    CASE WHEN %(texts)s THEN left(regexp_replace(coalesce(m.reply_text, m.body_text, ''), '\s+', ' ', 'g'), 160) ELSE '' END,
    ARRAY(SELECT name FROM messaging_contactlabel l WHERE l.organization_id = v.organization_id AND l.contact_id = v.id ORDER BY name),
    CASE WHEN v.assignee_id IS NULL THEN '' ELSE coalesce((SELECT coalesce(nullif(u.name, ''), u.email)
        FROM accounts_user u JOIN accounts_membership o ON o.user_id = u.id AND o.organization_id = v.organization_id
        WHERE u.id = v.assignee_id), '') END,
    ARRAY(SELECT DISTINCT o.state FROM messaging_outboxmessage o
        WHERE o.organization_id = v.organization_id AND o.contact_id = v.id AND o.state <> 'sent' AND (o.state <> 'draft' OR o.author_id = %(reader)s))
FROM unnest(%(keys)s::uuid[]) WITH ORDINALITY AS k (id, place)
    JOIN messaging_conversation v ON v.id = k.id
    JOIN messaging_contact c ON c.organization_id = v.organization_id AND c.id = v.id
    LEFT JOIN LATERAL (
        SELECT subject, reply_text, body_text FROM messaging_message
        WHERE organization_id = v.organization_id AND contact_id = v.id AND direction = 'in'
        ORDER BY happened_at DESC, id DESC LIMIT 1) AS m ON true
ORDER BY k.place
