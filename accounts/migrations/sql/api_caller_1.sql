-- Says whose a token is and where its owner may look, in one round trip and without a scope: a request has none before this is
-- known. Runs as sb_definer, because memberships are under row-level security. Whoever calls must know the token's digest already;
-- without it nothing is told. Whether the token is expired or its owner deactivated is for the caller to
-- see. The organizations are the active ones, by name.
CREATE FUNCTION api_caller(in_digest text) RETURNS TABLE (
    digest varchar, token_key varchar, created timestamptz, expiry timestamptz,
    id uuid, email varchar, name text, role text, is_active boolean, organization_ids uuid[], organization_names text[]
)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    SELECT t.digest, t.token_key, t.created, t.expiry, u.id, u.email, u.name, u.role, u.is_active,
        coalesce(o.ids, '{}'), coalesce(o.names, '{}')
    FROM public.knox_authtoken t
        JOIN public.accounts_user u ON u.id = t.user_id
        LEFT JOIN LATERAL (
            SELECT array_agg(o.id ORDER BY o.name) AS ids, array_agg(o.name ORDER BY o.name) AS names
            FROM public.accounts_membership m JOIN public.accounts_organization o ON o.id = m.organization_id AND o.is_active
            WHERE m.user_id = u.id
        ) AS o ON true
    WHERE t.digest = in_digest;
END $$;
GRANT SELECT (digest, token_key, user_id, created, expiry) ON knox_authtoken TO sb_definer;
GRANT SELECT (id, email, name, role, is_active) ON accounts_user TO sb_definer;
GRANT SELECT (user_id, organization_id) ON accounts_membership TO sb_definer;
GRANT SELECT (id, name, is_active) ON accounts_organization TO sb_definer;
GRANT CREATE ON SCHEMA public TO sb_definer;
REVOKE ALL ON FUNCTION api_caller FROM PUBLIC;
GRANT EXECUTE ON FUNCTION api_caller TO sb_app, sb_staff;
ALTER FUNCTION api_caller OWNER TO sb_definer;
REVOKE CREATE ON SCHEMA public FROM sb_definer;
