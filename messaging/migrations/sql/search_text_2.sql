-- What is indexed of a mail: all of a reply's own text, whose quotes were cut when it was received; of other mails the text without
-- what looks like a quote. sb_unquote() took "Von: 9 bis 17 Uhr" in somebody's reply for one, and all that stood below it.
CREATE FUNCTION sb_searchable(reply text, body text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT coalesce(reply, sb_unquote(left(body, 40000)))
$$;

-- Weights: who (A), subject (B), the text (D). 40,000 characters, and half as many of joined forms, are in three configurations and
-- in four bytes each below the 1 MB limit of a vector; cut after sb_norm(), which makes up to 18 characters of one.
CREATE OR REPLACE FUNCTION sb_search_vector(name text, email text, subject text, body text) RETURNS tsvector
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    s text := sb_norm(left(coalesce(subject, ''), 500));
    raw text := left(coalesce(body, ''), 40000);
    b text := left(sb_norm(raw), 40000) || ' ' || left(array_to_string(sb_extra(left(coalesce(subject, ''), 500) || ' ' || raw), ' '), 20000);
    su text := sb_umlaut(s); bu text := sb_umlaut(b);
    who text := left(concat_ws(' ', name, email), 400);
BEGIN
    RETURN setweight(to_tsvector('sb_simple', sb_umlaut(sb_norm(concat_ws(' ', who, translate(left(name, 200), '-', ''), sb_address(left(email, 400)))))), 'A')
        || setweight(to_tsvector('sb_de', su) || to_tsvector('sb_en', s) || to_tsvector('sb_simple', su), 'B')
        || to_tsvector('sb_de', bu) || to_tsvector('sb_en', b) || to_tsvector('sb_simple', bu);
END $$;
