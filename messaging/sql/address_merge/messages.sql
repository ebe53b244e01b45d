-- Mails of a contact under the keys of the canonical address. A mail that is there under that key already is one with it: what
-- messages.sql does with a mail told twice. Openings kept by time and the figures are set right from the log afterwards (stats_rebuild).
WITH renamed AS MATERIALIZED (
    SELECT r.old_id, r.new_id, EXISTS (SELECT FROM messaging_message m WHERE m.id = r.new_id) AS is_there
    FROM json_to_recordset(%(messages)s::json) AS r (old_id uuid, new_id uuid)
), unsearched AS (
    DELETE FROM messaging_messagesearch s USING renamed r WHERE s.id = r.old_id
), unnoted AS (
    DELETE FROM messaging_searchpending p USING renamed r WHERE p.message_id = r.old_id
), noted AS (
    INSERT INTO messaging_searchpending (message_id) SELECT DISTINCT new_id FROM renamed ORDER BY new_id ON CONFLICT DO NOTHING
), categorized AS (
    -- What was said of a mail goes with it, unless the other one has its own; then it goes when the mail does.
    UPDATE messaging_messagecategory c SET id = r.new_id FROM renamed r
    WHERE c.id = r.old_id AND NOT EXISTS (SELECT FROM messaging_messagecategory o WHERE o.id = r.new_id)
), corrected AS (
    UPDATE messaging_categorycorrection c SET id = r.new_id FROM renamed r
    WHERE c.id = r.old_id AND NOT EXISTS (SELECT FROM messaging_categorycorrection o WHERE o.id = r.new_id)
), untriaged AS (
    DELETE FROM messaging_triagepending p USING renamed r WHERE p.message_id = r.old_id
), moved AS (
    UPDATE messaging_message m SET id = r.new_id, contact_id = %(new_id)s::uuid, updated_at = now()
    FROM renamed r WHERE m.id = r.old_id AND NOT r.is_there
), joined AS (
    UPDATE messaging_message m SET
        (text_at, subject, body_text, body_html, reply_text) = (
            SELECT v.* FROM (VALUES (m.text_at, m.subject, m.body_text, m.body_html, m.reply_text),
                (o.text_at, o.subject, o.body_text, o.body_html, o.reply_text)) AS v (at, subject, body_text, body_html, reply_text)
            ORDER BY at NULLS LAST, subject, body_text, body_html, reply_text LIMIT 1),
        is_auto_reply = m.is_auto_reply AND o.is_auto_reply, step = least(m.step, o.step),
        variant = coalesce(least(nullif(m.variant, 0), nullif(o.variant, 0)), 0), happened_at = least(m.happened_at, o.happened_at),
        email_account = least(m.email_account, o.email_account), email_id = least(m.email_id, o.email_id),
        thread_id = least(m.thread_id, o.thread_id), sent_at = least(m.sent_at, o.sent_at), opened_at = least(m.opened_at, o.opened_at),
        clicked_at = least(m.clicked_at, o.clicked_at), replied_at = least(m.replied_at, o.replied_at),
        bounced_at = least(m.bounced_at, o.bounced_at), open_count = m.open_count + o.open_count,
        click_count = m.click_count + o.click_count, updated_at = now()
    FROM renamed r JOIN messaging_message o ON o.id = r.old_id
    WHERE m.id = r.new_id AND r.is_there
)
DELETE FROM messaging_message m USING renamed r WHERE m.id = r.old_id AND r.is_there
