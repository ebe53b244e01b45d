-- As version 1, with the role in each organization, the user's language and time zone, and whether the token may only read.
-- Another shape cannot replace a function: dropped and created in one transaction. Requests of an older release go on working,
-- because they name the columns they read.
DROP FUNCTION api_caller(text);
CREATE FUNCTION api_caller(in_digest text) RETURNS TABLE (
    digest varchar, token_key varchar, created timestamptz, expiry timestamptz, read_only boolean,
    id uuid, email varchar, name text, role text, is_active boolean, language text, time_zone text,
    organization_ids uuid[], organization_names text[], organization_roles text[]
)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    SELECT t.digest, t.token_key, t.created, t.expiry, coalesce(a.read_only, false),
        u.id, u.email, u.name, u.role, u.is_active, u.language, u.time_zone,
        coalesce(o.ids, '{}'), coalesce(o.names, '{}'), coalesce(o.roles, '{}')
    FROM public.knox_authtoken t
        JOIN public.accounts_user u ON u.id = t.user_id
        LEFT JOIN public.accounts_tokenaccess a ON a.token_id = t.digest
        LEFT JOIN LATERAL (
            SELECT array_agg(o.id ORDER BY o.name) AS ids, array_agg(o.name ORDER BY o.name) AS names,
                array_agg(m.role ORDER BY o.name) AS roles
            FROM public.accounts_membership m JOIN public.accounts_organization o ON o.id = m.organization_id AND o.is_active
            WHERE m.user_id = u.id
        ) AS o ON true
    WHERE t.digest = in_digest;
END $$;
GRANT SELECT (token_id, read_only) ON accounts_tokenaccess TO sb_definer;
GRANT SELECT (language, time_zone) ON accounts_user TO sb_definer;
GRANT SELECT (role) ON accounts_membership TO sb_definer;
GRANT CREATE ON SCHEMA public TO sb_definer;
REVOKE ALL ON FUNCTION api_caller FROM PUBLIC;
GRANT EXECUTE ON FUNCTION api_caller TO sb_app, sb_staff;
ALTER FUNCTION api_caller OWNER TO sb_definer;
REVOKE CREATE ON SCHEMA public FROM sb_definer;
