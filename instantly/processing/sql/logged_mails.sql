-- Received mails with the bodies of the deliveries that brought the text which stands, in the order of the log: usually one, or its copies.
-- Pruned bodies, and those of erased people, bring none.
SELECT e.id, m.id, m.contact_id, m.body_text, m.body_html, m.reply_text, d.bodies
FROM messaging_event e JOIN messaging_message m ON m.id = e.message_id AND m.text_at = e.happened_at,
    LATERAL (
        SELECT array_agg(coalesce(d.cleaned, convert_from(d.body, 'UTF8')) ORDER BY d.id) AS bodies, min(o.id) AS first
        FROM messaging_event o JOIN instantly_delivery d ON d.id = o.id
        WHERE o.organization_id = e.organization_id AND o.message_id = e.message_id AND o.happened_at = e.happened_at
            AND o.type = ANY (%(received)s::text[]) AND (d.cleaned IS NOT NULL OR d.body IS NOT NULL)) AS d
WHERE e.id > %(after)s AND e.id = d.first AND e.type = ANY (%(received)s::text[])
    AND (%(organization)s::uuid IS NULL OR e.organization_id = %(organization)s::uuid)
ORDER BY e.id LIMIT %(limit)s
