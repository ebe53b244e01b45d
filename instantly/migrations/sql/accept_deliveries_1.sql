-- accept_delivery for several that arrived at the same moment: one statement, one commit. Returns what is new, by what makes it one.
-- In the order of the digests, so that two processes that are given the same copies wait for each other and never in a circle.
CREATE FUNCTION accept_deliveries(
    in_connections uuid[], in_digests bytea[], in_event_types text[], in_campaigns text[], in_bodies bytea[], in_cleaned text[],
    in_origin text, wake boolean
) RETURNS TABLE (stored bigint, of_connection uuid, of_digest bytea)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN QUERY
    WITH new AS (
        INSERT INTO public.instantly_delivery (connection_id, digest, event_type, campaign, body, cleaned, origin)
        SELECT c, d, e, p, b, t, in_origin
        FROM unnest(in_connections, in_digests, in_event_types, in_campaigns, in_bodies, in_cleaned) AS given (c, d, e, p, b, t)
        ORDER BY c, d
        ON CONFLICT (connection_id, digest) DO NOTHING
        RETURNING id, connection_id, digest
    ), queued AS (
        INSERT INTO public.instantly_pending (delivery_id) SELECT id FROM new
    )
    SELECT id, connection_id, digest FROM new;
    IF FOUND AND wake THEN NOTIFY delivery; END IF;
END $$;
GRANT CREATE ON SCHEMA public TO sb_definer;
REVOKE ALL ON FUNCTION accept_deliveries FROM PUBLIC;
GRANT EXECUTE ON FUNCTION accept_deliveries TO sb_app, sb_staff;
ALTER FUNCTION accept_deliveries OWNER TO sb_definer;
REVOKE CREATE ON SCHEMA public FROM sb_definer;
