-- What is text and what is a query: one vector for German and English at once, without guessing a language.
-- Plain SQL, no dictionary files: works on a managed server. Change nothing here once released: a new file supersedes it, and
-- `version` of a search row says which rules it was made by.
CREATE TEXT SEARCH DICTIONARY sb_stop_de (TEMPLATE = pg_catalog.simple, STOPWORDS = german, ACCEPT = false);
CREATE TEXT SEARCH DICTIONARY sb_stop_en (TEMPLATE = pg_catalog.simple, STOPWORDS = english, ACCEPT = false);
CREATE TEXT SEARCH DICTIONARY sb_word (TEMPLATE = pg_catalog.simple);
CREATE TEXT SEARCH CONFIGURATION sb_de (PARSER = pg_catalog."default");
CREATE TEXT SEARCH CONFIGURATION sb_en (PARSER = pg_catalog."default");
CREATE TEXT SEARCH CONFIGURATION sb_simple (PARSER = pg_catalog."default");
-- The stop words of both languages go first: after unaccent, für and über would be no stop words any more.
ALTER TEXT SEARCH CONFIGURATION sb_de ADD MAPPING FOR asciiword, word WITH sb_stop_en, sb_stop_de, german_stem;
ALTER TEXT SEARCH CONFIGURATION sb_en ADD MAPPING FOR asciiword, word WITH sb_stop_de, sb_stop_en, unaccent, english_stem;
ALTER TEXT SEARCH CONFIGURATION sb_simple ADD MAPPING FOR asciiword, word, numword, uint, int, float, sfloat, version
    WITH sb_stop_de, sb_stop_en, unaccent, sb_word;

-- One spelling: lower case, no apostrophes or soft hyphens; punctuation that glues tokens becomes a blank. (The parser would
-- make 089/1234 a file, -2026 a signed number and anna.m a host.)
CREATE FUNCTION sb_norm(t text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS $$
    SELECT regexp_replace(regexp_replace(
        lower(CASE WHEN t ~ '[\u00a0\u0300-\u036f\u2000-\u200f\ufb00-\uffef]' THEN normalize(t, nfkc) ELSE t END),
        '[''’‘`´\u00ad\u200b-\u200f]', '', 'g'), '[-@._/\\:+#=&?~<>]', ' ', 'g')
$$;
-- Joined forms: e-mail is email, 12.500 is 12500, a telephone number its last 7 digits, an address one word.
CREATE FUNCTION sb_extra(t text) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS $$
    SELECT coalesce(array_agg(DISTINCT x), '{}') FROM (
        SELECT CASE WHEN length(d) > 7 THEN right(d, 7) ELSE d END
        FROM regexp_matches(t, '(?:\+|\(?0)[\d ()/.\-]{5,22}\d|\d[\d.,/\-]{2,22}\d', 'g') m, regexp_replace(m[1], '\D', '', 'g') d
        WHERE length(d) BETWEEN 4 AND 20
        UNION ALL
        SELECT translate(lower(m[1]), '-', '') FROM regexp_matches(t, '[[:alpha:]]{1,20}(?:-[[:alpha:]]{1,20}){1,3}', 'g') m
        UNION ALL
        SELECT regexp_replace(lower(m[1]), '[^[:alnum:]]', '', 'g')
        FROM regexp_matches(t, '[[:alnum:]._%+\-]{1,64}@[[:alnum:].\-]{1,120}', 'g') m
    ) e (x)
$$;
-- ue is ü, but not in neue, bauen, quelle: then Mueller, Müller and (after unaccent) Muller are one word.
CREATE FUNCTION sb_umlaut(t text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS $$
    SELECT replace(replace(replace(replace(replace(replace(replace(replace(t,
        'aue', 'au' || chr(1) || 'e'), 'eue', 'eu' || chr(1) || 'e'), 'oue', 'ou' || chr(1) || 'e'), 'que', 'qu' || chr(1) || 'e'),
        'ae', 'ä'), 'oe', 'ö'), 'ue', 'ü'), chr(1), '')
$$;
-- What is left of a reply when the quotation is gone; all of it when nothing would be left.
CREATE FUNCTION sb_unquote(t text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS $$
    SELECT CASE WHEN btrim(u, E' \n\r\t') = '' THEN t ELSE u END FROM (
        SELECT regexp_replace(CASE WHEN p > 0 THEN left(t, p - 1) ELSE t END, '^>.*$', '', 'gn') u FROM (
            SELECT regexp_instr(t, '^(Am .{5,60}schrieb.{1,120}:|On .{5,100}wrote:|-{2,}\s*(Original Message|Ursprüngliche Nachricht)|(Von|From): .+)\s*$',
                1, 1, 0, 'n') p) a) b
$$;
-- An address is also one word (anna.m@x.example is annamxexample): one rare list in the index instead of four common ones.
CREATE FUNCTION sb_address(t text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS $$
    SELECT regexp_replace(lower(t), '[^[:alnum:]]', '', 'g')
$$;

-- Weights: who (A), subject (B), the new text of the body (D). 20,000 characters are far below the 1 MB limit of a vector.
CREATE FUNCTION sb_search_vector(name text, email text, subject text, body text) RETURNS tsvector
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    s text := sb_norm(left(coalesce(subject, ''), 500));
    raw text := left(sb_unquote(left(coalesce(body, ''), 40000)), 20000);
    b text := sb_norm(raw) || ' ' || array_to_string(sb_extra(left(coalesce(subject, ''), 500) || ' ' || raw), ' ');
    su text := sb_umlaut(s); bu text := sb_umlaut(b);
    who text := left(concat_ws(' ', name, email), 400);
BEGIN
    RETURN setweight(to_tsvector('sb_simple', sb_umlaut(sb_norm(concat_ws(' ', who, translate(left(name, 200), '-', ''), sb_address(left(email, 400)))))), 'A')
        || setweight(to_tsvector('sb_de', su) || to_tsvector('sb_en', s) || to_tsvector('sb_simple', su), 'B')
        || to_tsvector('sb_de', bu) || to_tsvector('sb_en', b) || to_tsvector('sb_simple', bu);
END $$;

-- One term (a word, a-b, local@domain, the inside of quotes) in every spelling and both languages.
CREATE FUNCTION sb_search_term(t text, prefix boolean) RETURNS tsquery
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE n text := sb_norm(t); u text := sb_umlaut(n); q tsquery; s tsquery; w text; d text;
BEGIN
    IF t ~ '^[^@ ]+@[^@ ]+\.[^@. ]{2,}$' THEN RETURN plainto_tsquery('sb_simple', sb_umlaut(sb_address(t))); END IF;
    q := phraseto_tsquery('sb_simple', u);
    s := phraseto_tsquery('sb_de', u); IF s <> q THEN q := q || s; END IF;
    s := phraseto_tsquery('sb_en', n); IF NOT q @> s OR numnode(s) > 1 THEN q := q || s; END IF;
    IF t ~ '^[+(]?[\d ()/.,\-]+$' THEN  -- a number, however it is grouped
        d := regexp_replace(t, '\D', '', 'g');
        IF length(d) BETWEEN 4 AND 20 THEN q := q || plainto_tsquery('sb_simple', right(d, 7)); END IF;
        IF t ~ ' ' THEN q := q || plainto_tsquery('sb_simple', u); END IF;
    ELSIF t ~ '[[:alpha:]]-[[:alpha:]]' THEN
        q := q || phraseto_tsquery('sb_simple', sb_umlaut(sb_norm(translate(t, '-', ''))));
    END IF;
    IF prefix AND numnode(q) > 0 THEN  -- only the last word grows
        SELECT lexeme INTO w FROM unnest(to_tsvector('sb_simple', u)) ORDER BY positions[1] DESC LIMIT 1;
        IF length(w) >= 3 AND t !~ '@.*\.' AND (length(w) >= 4 OR t !~ '[.@]') THEN  -- not the end of a complete address
            d := regexp_replace(btrim(u), '\S+$', '');
            q := q || CASE WHEN btrim(d) = '' THEN (quote_literal(w) || ':*')::tsquery
                ELSE phraseto_tsquery('sb_simple', d) <-> (quote_literal(w) || ':*')::tsquery END;
        END IF;
    END IF;
    RETURN q;
END $$;

-- What a person types. Never fails; empty when there is nothing to look for.
CREATE FUNCTION sb_search_query(q text, prefix text DEFAULT 'last') RETURNS tsquery
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, public, pg_temp SET client_min_messages = error AS $$
DECLARE
    toks text[]; tok text; i int; neg boolean; quoted boolean; term tsquery;
    yes tsquery := ''; last tsquery := ''; nots tsquery := ''; either boolean := false;
BEGIN
    toks := ARRAY(SELECT m[1] FROM regexp_matches(left(translate(q, E'\t\n\r' || chr(160), '    '), 200),
        '-?"[^"]*"|(?:\+|\(?0)[\d ()/.\-]{5,22}\d|[^\s"]+', 'g') m LIMIT 12);
    FOR i IN 1 .. coalesce(array_length(toks, 1), 0) LOOP
        tok := toks[i];
        IF lower(tok) IN ('or', 'oder') AND i > 1 AND i < array_length(toks, 1) THEN either := true; CONTINUE; END IF;
        neg := tok ~ '^-.'; quoted := tok LIKE '%"%';
        IF neg THEN tok := substr(tok, 2); END IF;
        term := sb_search_term(btrim(tok, '"'), NOT neg AND NOT quoted AND (prefix = 'all' OR (prefix = 'last' AND i = array_length(toks, 1))));
        IF numnode(term) > 0 THEN
            IF neg THEN nots := nots && !!term;
            ELSIF either THEN last := last || term;
            ELSE yes := yes && last; last := term; END IF;
        END IF;
        either := false;
    END LOOP;
    yes := yes && last;
    RETURN CASE WHEN numnode(yes) = 0 THEN '' ELSE yes && nots END;
END $$;

-- A person as trigrams see them. A literal list, because unaccent() is only STABLE.
CREATE FUNCTION sb_who(name text, email text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT btrim(translate(sb_umlaut(sb_norm(left(concat_ws(' ', name, email), 400))),
        'äöüßéèçşøłëáàíóúñâêîôûãõåæðýÿœšśžźżčćńňřťďěęąőűğıțș',
        'aouseecsoleaaiounaeiouaoaadyyosszzzccnnrtdeeaougits'))
$$;
