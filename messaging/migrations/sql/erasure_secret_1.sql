-- The key by which erased addresses are known (ciphertext), NULL where nobody was ever erased. Whoever asks holds, until the end
-- of their transaction, that nobody is erased meanwhile: erasing takes the same lock alone. In a function, because the look-up
-- must see what was committed while the lock was waited for; a plain statement would look with the eyes it had before.
CREATE FUNCTION sb_erasure_secret() RETURNS text
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared(1511938818);
    RETURN (SELECT value FROM public.accounts_installationsecret WHERE name = 'erasure');
END $$;
REVOKE ALL ON FUNCTION sb_erasure_secret() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sb_erasure_secret() TO sb_staff;
