-- What the inbox knows of a message we have: its id and its thread. A row that has both is not touched.
UPDATE messaging_message m
SET email_id = coalesce(m.email_id, l.email_id), thread_id = coalesce(m.thread_id, l.thread_id), updated_at = now()
FROM (
    SELECT m.id, l.email_id, l.thread_id
    FROM json_to_recordset(%(mails)s::json) AS l (id uuid, email_id text, thread_id text) JOIN messaging_message m USING (id)
    WHERE m.email_id IS NULL OR (m.thread_id IS NULL AND l.thread_id IS NOT NULL)
    ORDER BY m.id FOR NO KEY UPDATE OF m) AS l
WHERE m.id = l.id
