-- Conversations that may need something: not closed, not snoozed, not settled by their category, with a mail since a day; latest first.
SELECT v.id, v.organization_id, c.email, coalesce(c.first_name, ''), coalesce(c.last_name, ''), coalesce(c.company, ''), v.category,
    v.last_mail_at
FROM messaging_conversation v, LATERAL (SELECT * FROM messaging_contact WHERE id = v.id LIMIT 1) AS c
WHERE v.organization_id = ANY (%(organizations)s) AND v.last_mail_at >= %(since)s AND NOT v.is_untracked
    AND (v.state IN ('open', 'waiting') OR (v.state = 'snoozed' AND v.snoozed_until <= %(now)s))
ORDER BY v.last_mail_at DESC, v.id DESC LIMIT %(limit)s
