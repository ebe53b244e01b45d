-- Replaces the texts of mails that are still what they were when they were read, and notes them for search and triage. Returns their
-- contacts.
WITH given AS MATERIALIZED (
    SELECT g.* FROM jsonb_to_recordset(%(mails)s::jsonb) AS g (
        id uuid, body_text text, body_html text, reply_text text, old_body_text text, old_body_html text, old_reply_text text)
), locked AS MATERIALIZED (
    SELECT m.id FROM messaging_message m JOIN given g ON g.id = m.id
    WHERE (m.body_text, m.body_html, m.reply_text) IS NOT DISTINCT FROM (g.old_body_text, g.old_body_html, g.old_reply_text)
    ORDER BY m.id FOR NO KEY UPDATE OF m
), rewritten AS (
    UPDATE messaging_message m
    SET body_text = g.body_text, body_html = g.body_html, reply_text = g.reply_text, updated_at = now()
    FROM given g JOIN locked l ON l.id = g.id WHERE m.id = g.id
    RETURNING m.id, m.contact_id
), noted AS (
    INSERT INTO messaging_searchpending (message_id) SELECT id FROM rewritten ORDER BY id
    ON CONFLICT (message_id) DO UPDATE SET message_id = excluded.message_id  -- waits for the step that is taking the old note
)
SELECT contact_id FROM rewritten
