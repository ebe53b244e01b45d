-- Contacts by a part of their name, company or address. LIKE is not leakproof, so beneath a policy it is never an index condition
-- (search_functions_1.sql): as sb_definer, who sees ids only, over the trigrams of contact_search_who. In the spelling of sb_who():
-- Mueller is Müller. NULL where the text is shorter than a trigram, which the index cannot look up.
CREATE FUNCTION app_search_contacts(p_query text, p_limit int DEFAULT 2001, p_organization uuid DEFAULT NULL) RETURNS uuid[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp SET client_min_messages = error SET gin_fuzzy_search_limit = 0 AS $$
DECLARE s record; w text := public.sb_who(left(p_query, 200), ''); found uuid[];
BEGIN
    IF length(w) < 3 THEN RETURN NULL; END IF;
    SELECT * INTO s FROM public.sb_search_scope(p_organization);
    IF s.org IS NULL AND NOT s.everything THEN RETURN '{}'; END IF;
    EXECUTE 'SELECT array_agg(f.id) FROM (SELECT c.id FROM public.messaging_contactsearch c WHERE c.who LIKE $1'
        || CASE WHEN s.everything THEN '' ELSE ' AND c.organization_id = $2' END || ' LIMIT $3) f'
        INTO found USING '%' || replace(w, '%', '\%') || '%', s.org, least(greatest(p_limit, 1), 10001);
    RETURN coalesce(found, '{}');
END $$;
-- Any other order fails: sb_definer needs CREATE for the moment it becomes the owner.
GRANT CREATE ON SCHEMA public TO sb_definer;
REVOKE ALL ON FUNCTION app_search_contacts FROM PUBLIC;
GRANT EXECUTE ON FUNCTION app_search_contacts TO sb_app, sb_staff;
ALTER FUNCTION app_search_contacts OWNER TO sb_definer;
REVOKE CREATE ON SCHEMA public FROM sb_definer;

-- The search row comes with the contact, so that whoever was recorded is found at once, and without a mail too. Nobody else knows
-- the contact yet, so nobody waits for this row.
CREATE FUNCTION sb_index_contacts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO public.messaging_contactsearch (id, organization_id, who)
    SELECT id, organization_id, public.sb_who(concat_ws(' ', first_name, last_name, company), email) FROM fresh ORDER BY id
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
CREATE TRIGGER contact_searchable AFTER INSERT ON messaging_contact REFERENCING NEW TABLE AS fresh
FOR EACH STATEMENT EXECUTE FUNCTION sb_index_contacts();

-- As in search_pending_2.sql; whoever has no mail has no note to wait for the index step, and gets the new name here. Nobody else's row
-- is written: the step waits for these rows with notes in its hands, and whoever waits for a note must not hold one.
CREATE OR REPLACE FUNCTION sb_reindex_contact() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM public.messaging_message WHERE organization_id = new.organization_id AND contact_id = new.id) THEN
        INSERT INTO public.messaging_renamedcontact (contact_id) VALUES (new.id)
        ON CONFLICT (contact_id) DO UPDATE SET contact_id = excluded.contact_id;
    ELSE
        UPDATE public.messaging_contactsearch
        SET who = public.sb_who(concat_ws(' ', new.first_name, new.last_name, new.company), new.email) WHERE id = new.id;
    END IF;
    RETURN NULL;
END $$;
