-- Received messages of an organization as the worker takes them (take.sql), by key, without marking anything.
WITH taken AS (
    SELECT id AS message_id, now() AS taken_at, 0 AS tries FROM messaging_message
    WHERE organization_id = %(organization)s AND direction = 'in' AND happened_at >= %(since)s AND id > %(after)s
    ORDER BY id LIMIT %(limit)s
)
SELECT t.message_id, t.taken_at, t.tries, m.organization_id, m.text_at, m.happened_at, m.is_auto_reply, left(m.subject, 1000) AS subject,
    CASE WHEN length(n.text) > 20000 THEN left(n.text, 10000) || E'\n' || right(n.text, 10000) ELSE n.text END AS text,
    CASE WHEN c.interest_at >= m.happened_at AND NOT later.is_there THEN c.interest END AS label,
    k.category AS corrected, g.version AS read_version, g.sentence_scores
FROM taken t
    LEFT JOIN messaging_message m ON m.id = t.message_id AND m.direction = 'in'
    LEFT JOIN messaging_categorycorrection k ON k.id = m.id
    LEFT JOIN messaging_messagecategory g ON g.id = m.id
    LEFT JOIN messaging_contact c ON c.organization_id = m.organization_id AND c.id = m.contact_id,
    LATERAL (SELECT coalesce(m.reply_text, m.body_text) AS text) AS n,
    -- What the provider last said of a person is about their latest reply.
    LATERAL (SELECT EXISTS (SELECT FROM messaging_message o WHERE o.organization_id = m.organization_id AND o.contact_id = m.contact_id
        AND o.direction = 'in' AND o.happened_at > m.happened_at) AS is_there) AS later
ORDER BY t.message_id
