-- Whose a campaign is, in every row that says so. An event loses its position: numbered again, it comes into the feed of the
-- organization that has not seen it. Needs deferred constraints: for the length of this statement, rows point across.
WITH people AS MATERIALIZED (
    SELECT * FROM json_to_recordset(%(people)s::json) AS p (old_id uuid, new_id uuid)
), campaigns AS (
    UPDATE campaigns_campaign SET organization_id = %(organization)s::uuid, assigned_at = %(now)s::timestamptz,
        assigned_rule = %(rule)s::uuid, updated_at = now()
    WHERE id = %(campaign)s::uuid
), events AS (
    UPDATE messaging_event e SET organization_id = %(organization)s::uuid, position = NULL,
        contact_id = (SELECT new_id FROM people WHERE old_id = e.contact_id)
    WHERE campaign_id = %(campaign)s::uuid
    RETURNING id
), messages AS (
    UPDATE messaging_message m SET organization_id = %(organization)s::uuid, updated_at = now(),
        contact_id = (SELECT new_id FROM people WHERE old_id = m.contact_id)
    WHERE campaign_id = %(campaign)s::uuid
    RETURNING id
), searched AS (
    UPDATE messaging_messagesearch s SET organization_id = %(organization)s::uuid,
        contact_id = (SELECT new_id FROM people WHERE old_id = s.contact_id)
    WHERE campaign_id = %(campaign)s::uuid
), to_triage AS (
    -- The new organization decides anew, by what it learned itself.
    INSERT INTO messaging_triagepending (message_id) SELECT id FROM messaging_message
    WHERE campaign_id = %(campaign)s::uuid AND direction = 'in' ORDER BY id
    ON CONFLICT (message_id) DO UPDATE SET taken_at = NULL, tries = 0
), categories AS (
    UPDATE messaging_messagecategory c SET organization_id = %(organization)s::uuid, reason = '{}', asks_address = '', asks_words = '', sentence_scores = NULL
    FROM messaging_message m WHERE m.campaign_id = %(campaign)s::uuid AND c.id = m.id
), corrections AS (
    UPDATE messaging_categorycorrection k SET organization_id = %(organization)s::uuid
    FROM messaging_message m WHERE m.campaign_id = %(campaign)s::uuid AND k.id = m.id
    RETURNING k.id
), learned AS (
    -- Texts that are not the old one's any more must not weigh in its model.
    UPDATE messaging_triagelearning SET differences = NULL, version = '', is_due = true, is_adopted = false
    WHERE organization_id = %(before)s::uuid AND EXISTS (SELECT FROM corrections)
), stats AS (
    UPDATE messaging_dailystats SET organization_id = %(organization)s::uuid WHERE campaign_id = %(campaign)s::uuid
)
SELECT (SELECT count(*) FROM events), (SELECT count(*) FROM messages)
