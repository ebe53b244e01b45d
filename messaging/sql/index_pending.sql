-- Writes the search rows of the messages noted as pending, and returns how many notes were taken. Notes that a writer holds are
-- left for the next time: that writer's text is not to be seen yet. A message that is gone takes its note with it. A received one is
-- noted for triage here and not when it is recorded, which costs nothing there.
WITH taken AS MATERIALIZED (
    SELECT message_id FROM messaging_searchpending ORDER BY message_id LIMIT %s FOR UPDATE SKIP LOCKED
), text AS MATERIALIZED (
    SELECT m.id, m.organization_id, m.campaign_id, m.contact_id, m.direction, m.happened_at, m.subject,
        sb_searchable(m.reply_text, m.body_text) AS body, c.email, concat_ws(' ', c.first_name, c.last_name, c.company) AS name
    FROM taken t JOIN messaging_message m ON m.id = t.message_id
    JOIN messaging_contact c ON c.organization_id = m.organization_id AND c.id = m.contact_id
), people AS (
    INSERT INTO messaging_contactsearch AS s (id, organization_id, who)
    SELECT DISTINCT ON (contact_id) contact_id, organization_id, sb_who(name, email) FROM text ORDER BY contact_id
    ON CONFLICT (id) DO UPDATE SET who = excluded.who WHERE s.who <> excluded.who
), messages AS (
    INSERT INTO messaging_messagesearch (id, organization_id, campaign_id, contact_id, direction, sent_at, version, search)
    SELECT id, organization_id, campaign_id, contact_id, direction, happened_at, %s, sb_search_vector(name, email, subject, body)
    FROM text ORDER BY id
    ON CONFLICT (id) DO UPDATE SET organization_id = excluded.organization_id, campaign_id = excluded.campaign_id,
        contact_id = excluded.contact_id, direction = excluded.direction, sent_at = excluded.sent_at, version = excluded.version,
        search = excluded.search
), to_triage AS (
    INSERT INTO messaging_triagepending (message_id) SELECT id FROM text WHERE direction = 'in' ORDER BY id
    ON CONFLICT (message_id) DO UPDATE SET taken_at = NULL, tries = 0  -- what is being read now may be the old text
), done AS (
    DELETE FROM messaging_searchpending WHERE message_id IN (SELECT message_id FROM taken)
)
SELECT count(*) FROM taken
