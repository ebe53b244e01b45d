-- What makes a search row old besides a new text (which recording notes itself): a person's name, and a mail that was given to
-- another contact. Neither column changes in the usual course, so neither trigger runs then.
-- DO UPDATE, not DO NOTHING: it locks the note, so that the indexing step, which skips locked ones, cannot take it away while it
-- still reads the text from before.
CREATE FUNCTION sb_reindex_contact() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO public.messaging_searchpending (message_id)
    SELECT id FROM public.messaging_message WHERE organization_id = new.organization_id AND contact_id = new.id ORDER BY id
    ON CONFLICT (message_id) DO UPDATE SET message_id = excluded.message_id;
    RETURN NULL;
END $$;
CREATE TRIGGER contact_renamed AFTER UPDATE OF first_name, last_name, company ON messaging_contact FOR EACH ROW
WHEN (old.first_name IS DISTINCT FROM new.first_name OR old.last_name IS DISTINCT FROM new.last_name
    OR old.company IS DISTINCT FROM new.company)
EXECUTE FUNCTION sb_reindex_contact();

CREATE FUNCTION sb_reindex_message() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO public.messaging_searchpending (message_id) VALUES (new.id)
    ON CONFLICT (message_id) DO UPDATE SET message_id = excluded.message_id;
    RETURN NULL;
END $$;
CREATE TRIGGER message_of_another_contact AFTER UPDATE OF contact_id ON messaging_message FOR EACH ROW
WHEN (old.contact_id IS DISTINCT FROM new.contact_id)
EXECUTE FUNCTION sb_reindex_message();

-- Texts from before there was search.
INSERT INTO public.messaging_searchpending (message_id) SELECT id FROM messaging_message ORDER BY id ON CONFLICT DO NOTHING;
