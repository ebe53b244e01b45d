-- A number for an event that no delivery tells: from the same counter as theirs, so that no event ever has a delivery's, and events
-- stay in the order in which they came.
CREATE FUNCTION sb_event_id() RETURNS bigint
LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
    SELECT nextval('public.instantly_delivery_id_seq')
$$;
REVOKE ALL ON FUNCTION sb_event_id() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sb_event_id() TO sb_staff;
