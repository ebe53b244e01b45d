-- Search under row-level security. @@ and LIKE are not leakproof, so beneath a policy they are never an index condition (100x
-- slower on 210,000 rows). These functions run as sb_definer, who may read these narrow tables whole, take whose rows they look
-- at from the scope and never from an argument alone, and return ids only: the outer query is under the policies again.
CREATE INDEX message_search_campaign ON messaging_messagesearch (organization_id, campaign_id, sent_at DESC, id DESC);
CREATE INDEX message_search_contact ON messaging_messagesearch (organization_id, contact_id, sent_at DESC, id DESC);
-- For staff over everything. The predicate keeps the planner from walking it for a customer.
CREATE INDEX message_search_staff ON messaging_messagesearch (sent_at DESC, id DESC) WHERE id > '00000000-0000-0000-0000-000000000000';
CREATE INDEX contact_search_who ON messaging_contactsearch USING gin (organization_id, who gin_trgm_ops);
ALTER TABLE messaging_messagesearch ALTER COLUMN search SET STATISTICS 500;

GRANT SELECT (id, organization_id, campaign_id, contact_id, direction, sent_at, search) ON messaging_messagesearch TO sb_definer;
GRANT SELECT (id, organization_id, who) ON messaging_contactsearch TO sb_definer;

-- Who is asking. Inside SECURITY DEFINER current_user is sb_definer, but the setting `role` still holds what the caller SET:
-- staff is that AND the variable, as in the policies. The variable alone gave a customer 994 foreign ids in a trial.
CREATE FUNCTION sb_search_scope(p_organization uuid, OUT org uuid, OUT everything boolean)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE mine uuid := nullif(current_setting('app.current_org_id', true), '')::uuid;
BEGIN
    everything := false;
    IF current_setting('role') = 'sb_staff' AND current_setting('app.user_role', true) IN ('sb_admin', 'sb_operator', 'sb_viewer') THEN
        org := p_organization; everything := p_organization IS NULL;
    ELSIF p_organization IS NULL OR p_organization = mine THEN
        org := mine;  -- anybody else's: NULL, and so no rows
    END IF;
END $$;

-- The WHERE clause, from constants only. $1 query $2 organization $3 campaign $4 direction $5 from $6 until $7,$8 cursor $11 contact
CREATE FUNCTION sb_search_where(everything boolean, c boolean, d boolean, f boolean, u boolean, k boolean, p boolean) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN everything THEN 'm.id > ''00000000-0000-0000-0000-000000000000''' ELSE 'm.organization_id = $2' END
        || CASE WHEN c THEN ' AND m.campaign_id = $3' ELSE '' END || CASE WHEN d THEN ' AND m.direction = $4' ELSE '' END
        || CASE WHEN f THEN ' AND m.sent_at >= $5' ELSE '' END || CASE WHEN u THEN ' AND m.sent_at < $6' ELSE '' END
        || CASE WHEN k THEN ' AND (m.sent_at, m.id) < ($7, $8)' ELSE '' END || CASE WHEN p THEN ' AND m.contact_id = $11' ELSE '' END
$$;

-- Newest first. Adaptive, because either plan alone is 100x wrong somewhere: common words are among the newest rows, rare ones
-- want the GIN index. EXECUTE, because a cached generic plan made common words 79x slower.
CREATE FUNCTION app_search_messages(p_query text, p_limit int DEFAULT 50, p_before timestamptz DEFAULT NULL, p_before_id uuid DEFAULT NULL,
    p_campaign uuid DEFAULT NULL, p_direction text DEFAULT NULL, p_from timestamptz DEFAULT NULL, p_until timestamptz DEFAULT NULL,
    p_contact uuid DEFAULT NULL, p_organization uuid DEFAULT NULL, p_prefix text DEFAULT 'last', p_probe int DEFAULT 200)
RETURNS TABLE (id uuid, sent_at timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET client_min_messages = error SET gin_fuzzy_search_limit = 0 AS $$
DECLARE
    q tsquery := public.sb_search_query(p_query, p_prefix);
    s record; cond text; ids uuid[]; at timestamptz[]; lim int := least(greatest(coalesce(p_limit, 50), 1), 1001);
    probe int := least(p_probe, 5000); hits int;
    dense int := CASE WHEN q::text LIKE '%<%' THEN 100 ELSE 50 END;  -- a phrase is rechecked row by row: walk on from 1 % already
BEGIN
    SELECT * INTO s FROM public.sb_search_scope(p_organization);
    IF numnode(q) = 0 OR (s.org IS NULL AND NOT s.everything) THEN RETURN; END IF;
    cond := public.sb_search_where(s.everything, p_campaign IS NOT NULL, p_direction IS NOT NULL, p_from IS NOT NULL, p_until IS NOT NULL,
        p_before IS NOT NULL, p_contact IS NOT NULL);
    -- Look at the newest rows; at 2 % hits go on for as far as that density promises, at most 5,000 rows (some 25 ms).
    FOR attempt IN 1 .. 2 LOOP
        EXIT WHEN probe <= 0;
        EXECUTE 'SELECT array_agg(w.id), array_agg(w.sent_at) FROM (SELECT w.id, w.sent_at FROM (SELECT m.id, m.sent_at, m.search '
            'FROM public.messaging_messagesearch m WHERE ' || cond || ' ORDER BY m.sent_at DESC, m.id DESC LIMIT $10) w WHERE w.search @@ $1 LIMIT $9) w'
            INTO ids, at USING q, s.org, p_campaign, p_direction, p_from, p_until, p_before, p_before_id, lim, probe, p_contact;
        hits := coalesce(cardinality(ids), 0);
        IF hits >= lim THEN RETURN QUERY SELECT * FROM unnest(ids, at); RETURN; END IF;
        EXIT WHEN hits * dense < probe;
        probe := least(dense * 100, probe * lim * 3 / 2 / hits);
    END LOOP;
    -- OFFSET 0 keeps ORDER BY .. LIMIT from talking the planner into walking the whole organization.
    RETURN QUERY EXECUTE 'SELECT w.id, w.sent_at FROM (SELECT m.id, m.sent_at FROM public.messaging_messagesearch m WHERE ' || cond ||
            ' AND m.search @@ $1 OFFSET 0) w ORDER BY w.sent_at DESC, w.id DESC LIMIT $9'
        USING q, s.org, p_campaign, p_direction, p_from, p_until, p_before, p_before_id, lim, 0, p_contact;
END $$;

-- By relevance: the newest 500 hits, ranked; a rank halves every 180 days. Pages inside that window by offset.
CREATE FUNCTION app_search_ranked(p_query text, p_limit int DEFAULT 50, p_offset int DEFAULT 0, p_as_of timestamptz DEFAULT NULL,
    p_campaign uuid DEFAULT NULL, p_direction text DEFAULT NULL, p_from timestamptz DEFAULT NULL, p_until timestamptz DEFAULT NULL,
    p_contact uuid DEFAULT NULL, p_organization uuid DEFAULT NULL, p_window int DEFAULT 500)
RETURNS TABLE (id uuid, sent_at timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET client_min_messages = error SET gin_fuzzy_search_limit = 0 AS $$
BEGIN
    RETURN QUERY EXECUTE 'SELECT m.id, m.sent_at
        FROM public.app_search_messages($3, $4, NULL, NULL, $5, $6, $7, least($2, $8), $9, $10) c JOIN public.messaging_messagesearch m ON m.id = c.id
        ORDER BY (ts_rank_cd(''{0.1,0.4,0.7,1.0}'', m.search, $1, 1) * power(0.5, greatest(0, extract(epoch FROM coalesce($2, now()) - m.sent_at)) / 15552000))::real
            DESC, m.sent_at DESC, m.id DESC OFFSET $11 LIMIT $12'
        USING public.sb_search_query(p_query, 'last'), p_as_of, p_query, least(p_window, 1000), p_campaign, p_direction, p_from, p_until, p_contact, p_organization,
            greatest(p_offset, 0), least(greatest(p_limit, 1), 1001);
END $$;

-- Nothing found: people whose name or address looks like it. The threshold is a setting of the session: fixed here, or a caller
-- could turn this into a listing.
CREATE FUNCTION app_search_people(p_query text, p_limit int DEFAULT 20, p_organization uuid DEFAULT NULL)
RETURNS TABLE (contact_id uuid, similarity real)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
SET pg_trgm.word_similarity_threshold = 0.5 SET client_min_messages = error SET gin_fuzzy_search_limit = 0 AS $$
DECLARE s record; w text := public.sb_who(left(p_query, 80), '');
BEGIN
    SELECT * INTO s FROM public.sb_search_scope(p_organization);
    IF length(w) < 4 OR (s.org IS NULL AND NOT s.everything) THEN RETURN; END IF;
    RETURN QUERY EXECUTE 'SELECT c.id, public.word_similarity($1, c.who) FROM public.messaging_contactsearch c WHERE '
        || CASE WHEN s.everything THEN 'true' ELSE 'c.organization_id = $2' END
        || ' AND $1 OPERATOR(public.<%) c.who ORDER BY 2 DESC, 1 LIMIT $3' USING w, s.org, least(greatest(p_limit, 1), 50);
END $$;

-- Any other order fails: sb_definer needs CREATE for the moment it becomes the owner.
GRANT CREATE ON SCHEMA public TO sb_definer;
REVOKE ALL ON FUNCTION app_search_messages, app_search_ranked, app_search_people, sb_search_scope, sb_search_where FROM PUBLIC;
GRANT EXECUTE ON FUNCTION app_search_messages, app_search_ranked, app_search_people TO sb_app, sb_staff;
ALTER FUNCTION app_search_messages OWNER TO sb_definer;
ALTER FUNCTION app_search_ranked OWNER TO sb_definer;
ALTER FUNCTION app_search_people OWNER TO sb_definer;
ALTER FUNCTION sb_search_scope OWNER TO sb_definer;
ALTER FUNCTION sb_search_where OWNER TO sb_definer;
REVOKE CREATE ON SCHEMA public FROM sb_definer;
