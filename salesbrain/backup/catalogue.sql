-- Who may do what in this database, one line each. Names only: the same after a restore into a cluster with other numbers.
SELECT format('policy %s.%s %s %s TO %s USING (%s) CHECK (%s)', tablename, policyname, permissive, cmd, roles, qual, with_check)
    AS line FROM pg_policies WHERE schemaname = 'public'
UNION ALL
SELECT format('table %s owner %s rls %s force %s kind %s', relname, pg_get_userbyid(relowner), relrowsecurity, relforcerowsecurity, relkind)
    FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'S')
UNION ALL
SELECT format('grant on %s to %s: %s', relname, coalesce(nullif(grantee, 0)::regrole::text, 'public'), privilege_type)
    FROM pg_class, aclexplode(relacl) WHERE relnamespace = 'public'::regnamespace
UNION ALL
SELECT format('grant on %s.%s to %s: %s', relname, attname, coalesce(nullif(grantee, 0)::regrole::text, 'public'), privilege_type)
    FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid, aclexplode(attacl) WHERE relnamespace = 'public'::regnamespace
UNION ALL
SELECT format('function %s owner %s definer %s settings %s body %s', pg_proc.oid::regprocedure, pg_get_userbyid(proowner), prosecdef, proconfig,
    md5(prosrc)) FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_proc.oid AND deptype = 'e')
UNION ALL
SELECT format('grant on %s to %s: %s', pg_proc.oid::regprocedure, coalesce(nullif(grantee, 0)::regrole::text, 'public'), privilege_type)
    FROM pg_proc, aclexplode(proacl) WHERE pronamespace = 'public'::regnamespace
    AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_proc.oid AND deptype = 'e')
UNION ALL
SELECT format('default for %s of %s in %s: %s', defaclobjtype, defaclrole::regrole, nullif(defaclnamespace, 0)::regnamespace,
    array(SELECT unnest(defaclacl)::text ORDER BY 1)) FROM pg_default_acl
UNION ALL
SELECT format('constraint %s on %s: %s', conname, conrelid::regclass, pg_get_constraintdef(oid)) FROM pg_constraint
    WHERE connamespace = 'public'::regnamespace AND conrelid <> 0
UNION ALL
SELECT format('index %s', indexdef) FROM pg_indexes WHERE schemaname = 'public'
UNION ALL
SELECT format('trigger on %s: %s', tgrelid::regclass, pg_get_triggerdef(pg_trigger.oid)) FROM pg_trigger WHERE NOT tgisinternal
UNION ALL
SELECT format('database to %s: %s', coalesce(nullif(grantee, 0)::regrole::text, 'public'), privilege_type)
    FROM pg_database, aclexplode(datacl) WHERE datname = current_database()
ORDER BY 1
