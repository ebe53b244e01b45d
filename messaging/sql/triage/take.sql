-- Marks up to a number of notes as taken, and returns what is to be read for each: new text of a received message, bounded here so
-- that nobody's two megabytes travel, and what facts say of it. Notes another worker took are left, unless it has not come back for
-- two minutes. A message that is gone or was sent by us has no direction in the answer; its note is dropped by the caller.
WITH taken AS (
    UPDATE messaging_triagepending SET taken_at = clock_timestamp(), tries = tries + 1 WHERE message_id = ANY (ARRAY(
        SELECT message_id FROM messaging_triagepending WHERE taken_at IS NULL OR taken_at < clock_timestamp() - interval '2 minutes'
        ORDER BY message_id LIMIT %(limit)s FOR UPDATE SKIP LOCKED))
    RETURNING message_id, taken_at, tries
)
SELECT t.message_id, t.taken_at, t.tries, m.organization_id, m.text_at, m.happened_at, m.is_auto_reply, left(m.subject, 1000) AS subject,
    CASE WHEN length(n.text) > 20000 THEN left(n.text, 10000) || E'\n' || right(n.text, 10000) ELSE n.text END AS text,
    CASE WHEN c.interest_at >= m.happened_at AND NOT later.is_there THEN c.interest END AS label,
    k.category AS corrected
FROM taken t
    LEFT JOIN messaging_message m ON m.id = t.message_id AND m.direction = 'in'
    LEFT JOIN messaging_categorycorrection k ON k.id = m.id
    LEFT JOIN messaging_contact c ON c.organization_id = m.organization_id AND c.id = m.contact_id,
    LATERAL (SELECT coalesce(m.reply_text, m.body_text) AS text) AS n,
    -- What the provider last said of a person is about their latest reply.
    LATERAL (SELECT EXISTS (SELECT FROM messaging_message o WHERE o.organization_id = m.organization_id AND o.contact_id = m.contact_id
        AND o.direction = 'in' AND o.happened_at > m.happened_at) AS is_there) AS later
ORDER BY t.message_id
