-- Notes the messages of renamed people, and returns how many people were taken. A transaction of its own, before the one that
-- writes the rows: it waits for notes of messages, and who waits for a note must not hold a search row. Names a writer holds are
-- left for the next time. DO UPDATE waits for a step that is taking a note now: it may have read the old name.
WITH taken AS MATERIALIZED (
    DELETE FROM messaging_renamedcontact WHERE contact_id = ANY (ARRAY(
        SELECT contact_id FROM messaging_renamedcontact ORDER BY contact_id LIMIT %s FOR UPDATE SKIP LOCKED))
    RETURNING contact_id
), noted AS (
    INSERT INTO messaging_searchpending (message_id)
    SELECT m.id FROM taken t JOIN messaging_contact c ON c.id = t.contact_id
        JOIN messaging_message m ON m.organization_id = c.organization_id AND m.contact_id = c.id
    ORDER BY m.id
    ON CONFLICT (message_id) DO UPDATE SET message_id = excluded.message_id
)
SELECT count(*) FROM taken
