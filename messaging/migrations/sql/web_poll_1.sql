-- Says whether anything happened, for pages that are open: whose the session is and where the event feed stands, in one round trip and
-- without a scope. Whoever calls must know a session's key and whose it is; what the session says (and that the password is still the
-- one it was made with) is for the caller to see. No row: no such session, the user is deactivated, or may not look at this
-- organization. NULL is all organizations, for staff. Runs as sb_definer, because memberships and events are under row-level security.
CREATE FUNCTION web_poll(in_session text, in_user uuid, in_organization uuid) RETURNS TABLE (
    session_data text, password varchar, role text, feed_position bigint
)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    SELECT s.session_data, u.password, u.role, CASE
        WHEN in_organization IS NULL THEN (SELECT max(e.position) FROM public.messaging_event e)
        ELSE (SELECT max(e.position) FROM public.messaging_event e WHERE e.organization_id = in_organization)
    END
    FROM public.django_session s
        JOIN public.accounts_user u ON u.id = in_user AND u.is_active
        LEFT JOIN public.accounts_organization o ON o.id = in_organization AND o.is_active
    WHERE s.session_key = in_session AND s.expire_date > clock_timestamp()
        AND CASE
            WHEN u.role <> '' THEN in_organization IS NULL OR o.id IS NOT NULL
            ELSE o.id IS NOT NULL AND EXISTS (
                SELECT 1 FROM public.accounts_membership m WHERE m.user_id = u.id AND m.organization_id = o.id
            )
        END;
END $$;
GRANT SELECT (session_key, session_data, expire_date) ON django_session TO sb_definer;
GRANT SELECT (password) ON accounts_user TO sb_definer;
GRANT SELECT (organization_id, position) ON messaging_event TO sb_definer;
GRANT CREATE ON SCHEMA public TO sb_definer;
REVOKE ALL ON FUNCTION web_poll FROM PUBLIC;
GRANT EXECUTE ON FUNCTION web_poll TO sb_app, sb_staff;
ALTER FUNCTION web_poll OWNER TO sb_definer;
REVOKE CREATE ON SCHEMA public FROM sb_definer;
