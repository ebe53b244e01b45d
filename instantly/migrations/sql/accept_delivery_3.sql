-- As the functions of release 2, which they replace, with one exception: a webhook about a mail that gap repair told before, word for word
-- in what identifies a delivery, is stored under the digest of that digest. It is the later report of the two (messaging/sql/copies.sql
-- marks its event as a copy, so that nothing counts twice), and the only one with the person's names. A retry of it is a copy again. Only
-- what is stored already is looked at, so a new delivery pays nothing.
GRANT SELECT (origin) ON instantly_delivery TO sb_definer;
GRANT CREATE ON SCHEMA public TO sb_definer;
SET ROLE sb_definer;
CREATE OR REPLACE FUNCTION accept_delivery(
    in_connection uuid, in_digest bytea, in_event_type text, in_campaign text, in_body bytea, in_cleaned text, in_former bytea,
    in_origin text, wake boolean
) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE stored bigint;
BEGIN
    IF in_former IS NOT NULL THEN
        PERFORM FROM public.instantly_delivery WHERE connection_id = in_connection AND digest = in_former;
        IF FOUND THEN RETURN NULL; END IF;
    END IF;
    INSERT INTO public.instantly_delivery (connection_id, digest, event_type, campaign, body, cleaned, origin)
    VALUES (in_connection, in_digest, in_event_type, in_campaign, in_body, in_cleaned, in_origin)
    ON CONFLICT (connection_id, digest) DO NOTHING
    RETURNING id INTO stored;
    IF stored IS NULL AND in_origin = 'webhook' AND in_event_type IN ('email_sent', 'reply_received', 'auto_reply_received') THEN
        INSERT INTO public.instantly_delivery (connection_id, digest, event_type, campaign, body, cleaned, origin)
        SELECT in_connection, sha256(in_digest), in_event_type, in_campaign, in_body, in_cleaned, in_origin
        FROM public.instantly_delivery s WHERE s.connection_id = in_connection AND s.digest = in_digest AND s.origin = 'backfill'
        ON CONFLICT (connection_id, digest) DO NOTHING
        RETURNING id INTO stored;
    END IF;
    IF stored IS NOT NULL THEN
        INSERT INTO public.instantly_pending (delivery_id) VALUES (stored);
        IF wake THEN NOTIFY delivery; END IF;
    END IF;
    RETURN stored;
END $$;
CREATE OR REPLACE FUNCTION accept_deliveries(
    in_connections uuid[], in_digests bytea[], in_event_types text[], in_campaigns text[], in_bodies bytea[], in_cleaned text[],
    in_former bytea[], in_origin text, wake boolean
) RETURNS TABLE (stored bigint, of_connection uuid, of_digest bytea)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE taken int; later int := 0;
BEGIN
    RETURN QUERY
    WITH new AS (
        INSERT INTO public.instantly_delivery (connection_id, digest, event_type, campaign, body, cleaned, origin)
        SELECT c, d, e, p, b, t, in_origin
        FROM unnest(in_connections, in_digests, in_event_types, in_campaigns, in_bodies, in_cleaned, in_former) AS given (c, d, e, p, b, t, f)
        WHERE f IS NULL OR NOT EXISTS (SELECT FROM public.instantly_delivery s WHERE s.connection_id = c AND s.digest = f)
        ORDER BY c, d
        ON CONFLICT (connection_id, digest) DO NOTHING
        RETURNING id, connection_id, digest
    ), queued AS (
        INSERT INTO public.instantly_pending (delivery_id) SELECT id FROM new
    )
    SELECT id, connection_id, digest FROM new;
    GET DIAGNOSTICS taken = ROW_COUNT;
    IF taken < cardinality(in_digests) AND in_origin = 'webhook' THEN
        RETURN QUERY
        WITH told AS (
            SELECT DISTINCT ON (c, d) c, d, e, p, b, t, sha256(d) AS again
            FROM unnest(in_connections, in_digests, in_event_types, in_campaigns, in_bodies, in_cleaned, in_former)
                AS given (c, d, e, p, b, t, f)
            WHERE e IN ('email_sent', 'reply_received', 'auto_reply_received')
                AND EXISTS (SELECT FROM public.instantly_delivery s WHERE s.connection_id = c AND s.digest = d AND s.origin = 'backfill')
                AND (f IS NULL OR NOT EXISTS (SELECT FROM public.instantly_delivery s WHERE s.connection_id = c AND s.digest = f))
            ORDER BY c, d
        ), new AS (
            INSERT INTO public.instantly_delivery (connection_id, digest, event_type, campaign, body, cleaned, origin)
            SELECT c, again, e, p, b, t, in_origin FROM told ORDER BY c, again
            ON CONFLICT (connection_id, digest) DO NOTHING
            RETURNING id, connection_id, digest
        ), queued AS (
            INSERT INTO public.instantly_pending (delivery_id) SELECT id FROM new
        )
        SELECT new.id, told.c, told.d FROM new JOIN told ON told.c = new.connection_id AND told.again = new.digest;
        GET DIAGNOSTICS later = ROW_COUNT;
    END IF;
    IF taken + later > 0 AND wake THEN NOTIFY delivery; END IF;
END $$;
RESET ROLE;
REVOKE CREATE ON SCHEMA public FROM sb_definer;
