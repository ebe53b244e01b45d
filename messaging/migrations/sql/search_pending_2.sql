-- A renamed person is noted once, by the contact, and the indexing step finds the messages. Noted as its messages, two workers
-- waited in a circle: a batch writes its contacts before it holds any message, so the notes it wanted were held by another batch
-- that waited for one of its own. Whoever writes this note holds the contact's row, so nobody else wants the same note.
-- DO UPDATE as before: it locks the note, so that the step cannot take it away while it still reads the old name.
CREATE OR REPLACE FUNCTION sb_reindex_contact() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO public.messaging_renamedcontact (contact_id) VALUES (new.id)
    ON CONFLICT (contact_id) DO UPDATE SET contact_id = excluded.contact_id;
    RETURN NULL;
END $$;
ALTER TABLE messaging_renamedcontact SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);
