-- Removes up to in_limit of the oldest audit entries, and of an organization's access entries, and answers how many. Both tables are
-- append-only: no other way removes a row. Run as sb_definer, whose policies let them have rows of more than 30 days only, so that not
-- even an administrator's mistake or a stolen session makes yesterday's entries disappear; and the access entries of an organization that
-- is being removed. Only for the scope of the system.
CREATE FUNCTION sb_forget_audit(in_before timestamptz, in_limit integer) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    removed bigint;
BEGIN
    IF coalesce(current_setting('app.user_role', true), '') <> 'sb_admin' THEN
        RAISE EXCEPTION 'Only the retention job removes audit entries.' USING ERRCODE = 'insufficient_privilege';
    END IF;
    DELETE FROM public.accounts_auditentry WHERE id = ANY (ARRAY(
        SELECT id FROM public.accounts_auditentry WHERE at < in_before ORDER BY at, id LIMIT in_limit));
    GET DIAGNOSTICS removed = ROW_COUNT;
    RETURN removed;
END $$;
CREATE FUNCTION sb_forget_access(in_organization uuid, in_before timestamptz, in_limit integer) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    removed bigint;
BEGIN
    IF coalesce(current_setting('app.user_role', true), '') <> 'sb_admin' THEN
        RAISE EXCEPTION 'Only the retention job removes access entries.' USING ERRCODE = 'insufficient_privilege';
    END IF;
    DELETE FROM public.accounts_accessentry WHERE id = ANY (ARRAY(
        SELECT id FROM public.accounts_accessentry WHERE organization_id = in_organization AND at < in_before ORDER BY at, id LIMIT in_limit));
    GET DIAGNOSTICS removed = ROW_COUNT;
    RETURN removed;
END $$;
GRANT DELETE ON accounts_auditentry, accounts_accessentry TO sb_definer;
GRANT SELECT (id, at) ON accounts_auditentry TO sb_definer;
GRANT SELECT (id, at, organization_id) ON accounts_accessentry TO sb_definer;
GRANT SELECT (removal_requested_at) ON accounts_organization TO sb_definer;
GRANT CREATE ON SCHEMA public TO sb_definer;
REVOKE ALL ON FUNCTION sb_forget_audit, sb_forget_access FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sb_forget_audit, sb_forget_access TO sb_staff;
ALTER FUNCTION sb_forget_audit OWNER TO sb_definer;
ALTER FUNCTION sb_forget_access OWNER TO sb_definer;
REVOKE CREATE ON SCHEMA public FROM sb_definer;
