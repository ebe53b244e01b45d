-- What the inbox knows of a message we have: its id, its thread (whose id there replaces a delivery's, which is another), and its text where
-- no delivery told any. A row that has all of it is not touched.
WITH joined AS (
    SELECT m.id, l.email_id, l.thread_id, m.text_at IS NULL AND l.text_at IS NOT NULL AS told, l.text_at, l.subject, l.body_text,
        l.body_html, l.reply_text
    FROM json_to_recordset(%(mails)s::json) AS l (
            id uuid, email_id text, thread_id text, text_at timestamptz, subject text, body_text text, body_html text,
            reply_text text)
        JOIN messaging_message m USING (id)
    WHERE m.email_id IS NULL OR (l.thread_id IS NOT NULL AND m.thread_id IS DISTINCT FROM l.thread_id)
        OR (m.text_at IS NULL AND l.text_at IS NOT NULL)
    ORDER BY m.id FOR NO KEY UPDATE OF m
), written AS (
    UPDATE messaging_message m
    SET email_id = coalesce(m.email_id, j.email_id), thread_id = coalesce(j.thread_id, m.thread_id),
        text_at = CASE WHEN j.told THEN j.text_at ELSE m.text_at END,
        subject = CASE WHEN j.told THEN j.subject ELSE m.subject END,
        body_text = CASE WHEN j.told THEN j.body_text ELSE m.body_text END,
        body_html = CASE WHEN j.told THEN j.body_html ELSE m.body_html END,
        reply_text = CASE WHEN j.told THEN j.reply_text ELSE m.reply_text END,
        updated_at = now()
    FROM joined j WHERE m.id = j.id
    RETURNING m.id, j.told
), to_index AS (
    INSERT INTO messaging_searchpending (message_id) SELECT id FROM written WHERE told ORDER BY id ON CONFLICT DO NOTHING
)
SELECT count(*) FROM written
