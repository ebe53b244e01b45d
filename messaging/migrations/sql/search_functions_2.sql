-- Newest first. Adaptive, because either plan alone is 100x wrong somewhere: common words are among the newest rows, rare ones
-- want the GIN index. EXECUTE, because a cached generic plan made common words 79x slower.
-- New here: a phrase goes on walking for as far as its density promises, because the index knows no neighbourhood and every row with
-- its words would be looked at again; and whoever's rows were all walked need not ask the index too.
DROP FUNCTION app_search_messages(text, int, timestamptz, uuid, uuid, text, timestamptz, timestamptz, uuid, uuid, text, int);
CREATE FUNCTION app_search_messages(p_query text, p_limit int DEFAULT 50, p_before timestamptz DEFAULT NULL, p_before_id uuid DEFAULT NULL,
    p_campaign uuid DEFAULT NULL, p_direction text DEFAULT NULL, p_from timestamptz DEFAULT NULL, p_until timestamptz DEFAULT NULL,
    p_contact uuid DEFAULT NULL, p_organization uuid DEFAULT NULL, p_prefix text DEFAULT 'last', p_probe int DEFAULT 200)
RETURNS TABLE (id uuid, sent_at timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET client_min_messages = error SET gin_fuzzy_search_limit = 0
SET enable_sort = off  -- from some 50,000 rows on the planner would sort the whole table instead of walking
AS $$
DECLARE
    q tsquery := public.sb_search_query(p_query, p_prefix);
    words tsquery := regexp_replace(q::text, '<(-|\d+)>', '&', 'g');  -- a phrase without its order
    s record; cond text; ids uuid[]; at timestamptz[]; lim int := least(greatest(coalesce(p_limit, 50), 1), 1001);
    step CONSTANT int := 5000;  -- some 25 ms
    probe bigint := least(p_probe, step); farthest int := CASE WHEN q = words THEN step ELSE 100000 END;
    seen int; common int; hits int;
BEGIN
    SELECT * INTO s FROM public.sb_search_scope(p_organization);
    IF numnode(q) = 0 OR (s.org IS NULL AND NOT s.everything) THEN RETURN; END IF;
    cond := public.sb_search_where(s.everything, p_campaign IS NOT NULL, p_direction IS NOT NULL, p_from IS NOT NULL, p_until IS NOT NULL,
        p_before IS NOT NULL, p_contact IS NOT NULL);
    -- Look at the newest rows; where the words are in 2 % of them go on, one step at first, then for as far as the hits promise.
    WHILE probe BETWEEN 1 AND farthest LOOP
        EXECUTE 'SELECT count(*), count(*) FILTER (WHERE w.common), array_agg(w.id) FILTER (WHERE w.hit), array_agg(w.sent_at) FILTER (WHERE w.hit) '
            'FROM (SELECT m.id, m.sent_at, m.search @@ $1 AS hit, ' || CASE WHEN probe < step THEN 'm.search @@ $12' ELSE 'true' END || ' AS common '
            'FROM public.messaging_messagesearch m WHERE ' || cond || ' ORDER BY m.sent_at DESC, m.id DESC LIMIT $10) w'
            INTO seen, common, ids, at
            USING q, s.org, p_campaign, p_direction, p_from, p_until, p_before, p_before_id, lim, probe, p_contact, words;
        hits := coalesce(cardinality(ids), 0);
        IF hits >= lim OR seen < probe THEN RETURN QUERY SELECT * FROM unnest(ids[:lim], at[:lim]); RETURN; END IF;
        EXIT WHEN common * 50 < probe OR (hits = 0 AND probe >= step);
        probe := least(probe * lim * 5 / 4 / greatest(hits, 1), CASE WHEN probe < step THEN step ELSE farthest + 1 END);
    END LOOP;
    -- OFFSET 0 keeps ORDER BY .. LIMIT from talking the planner into walking the whole organization.
    RETURN QUERY EXECUTE 'SELECT w.id, w.sent_at FROM (SELECT m.id, m.sent_at FROM public.messaging_messagesearch m WHERE ' || cond ||
            ' AND m.search @@ $1 OFFSET 0) w ORDER BY w.sent_at DESC, w.id DESC LIMIT $9'
        USING q, s.org, p_campaign, p_direction, p_from, p_until, p_before, p_before_id, lim, 0, p_contact;
END $$;
-- Any other order fails: sb_definer needs CREATE for the moment it becomes the owner.
GRANT CREATE ON SCHEMA public TO sb_definer;
REVOKE ALL ON FUNCTION app_search_messages FROM PUBLIC;
GRANT EXECUTE ON FUNCTION app_search_messages TO sb_app, sb_staff;
ALTER FUNCTION app_search_messages OWNER TO sb_definer;
REVOKE CREATE ON SCHEMA public FROM sb_definer;
