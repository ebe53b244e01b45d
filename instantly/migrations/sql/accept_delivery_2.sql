-- As the functions of release 1, with the digest by which an earlier release would know the same delivery (NULL where both are the same):
-- a copy of what that release stored is a copy. The functions of release 1 stay for processes of that release.
CREATE FUNCTION accept_delivery(
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
    IF stored IS NOT NULL THEN
        INSERT INTO public.instantly_pending (delivery_id) VALUES (stored);
        IF wake THEN NOTIFY delivery; END IF;
    END IF;
    RETURN stored;
END $$;
CREATE FUNCTION accept_deliveries(
    in_connections uuid[], in_digests bytea[], in_event_types text[], in_campaigns text[], in_bodies bytea[], in_cleaned text[],
    in_former bytea[], in_origin text, wake boolean
) RETURNS TABLE (stored bigint, of_connection uuid, of_digest bytea)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
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
    IF FOUND AND wake THEN NOTIFY delivery; END IF;
END $$;
GRANT CREATE ON SCHEMA public TO sb_definer;
REVOKE ALL ON FUNCTION accept_delivery(uuid, bytea, text, text, bytea, text, bytea, text, boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION accept_delivery(uuid, bytea, text, text, bytea, text, bytea, text, boolean) TO sb_app, sb_staff;
ALTER FUNCTION accept_delivery(uuid, bytea, text, text, bytea, text, bytea, text, boolean) OWNER TO sb_definer;
REVOKE ALL ON FUNCTION accept_deliveries(uuid[], bytea[], text[], text[], bytea[], text[], bytea[], text, boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION accept_deliveries(uuid[], bytea[], text[], text[], bytea[], text[], bytea[], text, boolean) TO sb_app, sb_staff;
ALTER FUNCTION accept_deliveries(uuid[], bytea[], text[], text[], bytea[], text[], bytea[], text, boolean) OWNER TO sb_definer;
REVOKE CREATE ON SCHEMA public FROM sb_definer;
