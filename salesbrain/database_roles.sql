-- The four roles of Salesbrain. Run as a superuser, or as a role that may create roles; running it again changes nothing.
-- Nobody is SUPERUSER or BYPASSRLS: row-level security binds every one of them.
DO $roles$
BEGIN
    -- Owns the tables and runs migrations. CREATEDB is for the test database; a production server can do without it.
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'sb_owner') THEN
        CREATE ROLE sb_owner LOGIN CREATEDB NOSUPERUSER NOBYPASSRLS NOCREATEROLE;
    END IF;
    -- What web and worker log in as; owns nothing, and holds sb_staff's rights only after SET ROLE.
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'sb_app') THEN
        CREATE ROLE sb_app LOGIN NOINHERIT NOCREATEDB NOSUPERUSER NOBYPASSRLS NOCREATEROLE;
    END IF;
    -- What a staff member's request becomes, for the length of one transaction.
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'sb_staff') THEN
        CREATE ROLE sb_staff NOLOGIN NOCREATEDB NOSUPERUSER NOBYPASSRLS NOCREATEROLE;
    END IF;
    -- Owns the SECURITY DEFINER functions: column grants and policies of its own, no login.
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'sb_definer') THEN
        CREATE ROLE sb_definer NOLOGIN NOCREATEDB NOSUPERUSER NOBYPASSRLS NOCREATEROLE;
    END IF;
END
$roles$;

-- A policy TO a role also binds every member that inherits it. WITH INHERIT FALSE keeps staff's policies from customers'
-- requests, and the functions' policies (which see every row) from the owner.
GRANT sb_staff TO sb_app WITH INHERIT FALSE, SET TRUE;
GRANT sb_definer TO sb_owner WITH INHERIT FALSE, SET TRUE;

-- A statement nobody waits for any more ends, and so does a transaction somebody forgot.
ALTER ROLE sb_app SET statement_timeout = '30s';
ALTER ROLE sb_app SET idle_in_transaction_session_timeout = '60s';
