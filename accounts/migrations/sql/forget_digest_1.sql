-- Whoever updates a mirrored row without bringing a digest makes it forget the one it has, so that the next sync looks at it again.
-- Any update at all: a list of columns would have to be kept, and few but the sync write these rows.
CREATE FUNCTION sb_forget_digest() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    new.digest := NULL;
    RETURN new;
END $$;
CREATE TRIGGER email_account_digest BEFORE UPDATE ON accounts_emailaccount FOR EACH ROW WHEN (new.digest = old.digest)
EXECUTE FUNCTION sb_forget_digest();
