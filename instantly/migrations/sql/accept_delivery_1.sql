-- Stores a delivery and queues it, in one round trip and without a scope: it runs as sb_definer, so the login that receives
-- webhooks has EXECUTE on it and no right on the inbox at all. Returns the new id, NULL for a copy of what is stored already.
-- Any other order of the last statements fails: sb_definer needs CREATE for the moment it becomes the owner.
CREATE FUNCTION accept_delivery(
    in_connection uuid, in_digest bytea, in_event_type text, in_campaign text, in_body bytea, in_cleaned text, in_origin text, wake boolean
) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE stored bigint;
BEGIN
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
GRANT INSERT ON instantly_delivery, instantly_pending TO sb_definer;
GRANT SELECT (id, connection_id, digest) ON instantly_delivery TO sb_definer;
GRANT CREATE ON SCHEMA public TO sb_definer;
REVOKE ALL ON FUNCTION accept_delivery FROM PUBLIC;
GRANT EXECUTE ON FUNCTION accept_delivery TO sb_app, sb_staff;
ALTER FUNCTION accept_delivery OWNER TO sb_definer;
REVOKE CREATE ON SCHEMA public FROM sb_definer;
