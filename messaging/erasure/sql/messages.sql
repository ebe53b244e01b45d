-- The person's mails, under keys computed from the anonymous address, so that a later event finds the mail it is about. Dates,
-- counts, step and sender stay: they are what the figures are made of.
WITH renamed AS (
    SELECT * FROM json_to_recordset(%(messages)s::json) AS r (old_id uuid, new_id uuid)
), unsearched AS (
    DELETE FROM messaging_messagesearch s USING renamed r WHERE s.id = r.old_id
), unnoted AS (
    DELETE FROM messaging_searchpending p USING renamed r WHERE p.message_id = r.old_id
), not_to_triage AS (
    DELETE FROM messaging_triagepending p USING renamed r WHERE p.message_id = r.old_id
), unexplained AS (
    -- What a reply was taken for is counted and stays; the reason quotes it.
    UPDATE messaging_messagecategory c SET id = r.new_id, reason = '{}', asks_address = '', asks_words = '', sentence_scores = NULL
    FROM renamed r WHERE c.id = r.old_id
), unreplayed AS (
    -- A replay of the reply lab names some messages by their keys.
    DELETE FROM messaging_triagereplay t USING renamed r
    WHERE t.organization_id = %(organization)s::uuid AND strpos(t.result::text, r.old_id::text) > 0
), uncorrected AS (
    DELETE FROM messaging_categorycorrection k USING renamed r WHERE k.id = r.old_id RETURNING k.organization_id
), unlearned AS (
    -- What was learned from the person's texts goes at once; the next turn learns without them.
    UPDATE messaging_triagelearning SET differences = NULL, version = '', is_due = true, is_adopted = false
    WHERE organization_id IN (SELECT organization_id FROM uncorrected)
)
UPDATE messaging_message m SET id = r.new_id, contact_id = %(new_id)s::uuid, subject = NULL, body_text = NULL, body_html = NULL,
    reply_text = NULL, thread_id = NULL, email_id = NULL, text_at = NULL, updated_at = now()
FROM renamed r WHERE m.id = r.old_id AND m.organization_id = %(organization)s::uuid
