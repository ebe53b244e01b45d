-- Writes what was said of replies and an event for each whose category changed, where the note is still ours (whoever re-noted the
-- message, took the note over or erased the person has taken that away) and the text is still the one that was read. A person's
-- correction stays what holds. Returns how many notes were settled.
WITH said AS MATERIALIZED (
    SELECT * FROM json_to_recordset(%(said)s::json) AS s (
        id uuid, organization_id uuid, text_at timestamptz, is_auto_reply boolean, taken_at timestamptz, category text, predicted text,
        p float8, candidates text[], source text, rule text, version text, reason jsonb, asks text, asks_on date, asks_address text,
        asks_words text, sentence_scores text)
), ours AS (
    DELETE FROM messaging_triagepending n USING said s WHERE n.message_id = s.id AND n.taken_at = s.taken_at RETURNING n.message_id
), current AS MATERIALIZED (
    SELECT s.*, coalesce(k.category, s.category) AS holds, k.id IS NOT NULL AS is_corrected, m.campaign_id, m.contact_id, c.email,
        m.email_account, b.category AS before
    FROM said s JOIN ours o ON o.message_id = s.id
        JOIN messaging_message m ON m.id = s.id AND m.organization_id = s.organization_id AND m.is_auto_reply = s.is_auto_reply
            AND m.text_at IS NOT DISTINCT FROM s.text_at
        JOIN messaging_contact c ON c.organization_id = m.organization_id AND c.id = m.contact_id
        LEFT JOIN messaging_categorycorrection k ON k.id = s.id
        LEFT JOIN messaging_messagecategory b ON b.id = s.id
), written AS (
    INSERT INTO messaging_messagecategory AS c (id, organization_id, category, predicted, p, candidates, source, rule, version, reason, decided_at,
        asks, asks_on, asks_address, asks_words, sentence_scores)
    SELECT id, organization_id, holds, predicted, p, candidates, CASE WHEN is_corrected THEN 'staff' ELSE source END, rule, version,
        reason, %(now)s::timestamptz, asks, asks_on, asks_address, asks_words, decode(sentence_scores, 'hex')
    FROM current ORDER BY id
    ON CONFLICT (id) DO UPDATE SET organization_id = excluded.organization_id, category = excluded.category,
        predicted = excluded.predicted, p = excluded.p, candidates = excluded.candidates, source = excluded.source,
        rule = excluded.rule, version = excluded.version, reason = excluded.reason, decided_at = excluded.decided_at, asks = excluded.asks, asks_on = excluded.asks_on,
        asks_address = excluded.asks_address, asks_words = excluded.asks_words,
        sentence_scores = excluded.sentence_scores
    WHERE (c.organization_id, c.category, c.predicted, c.p, c.candidates, c.source, c.rule, c.version, c.reason, c.asks, c.asks_on,
            c.asks_address, c.asks_words, c.sentence_scores)
        IS DISTINCT FROM (excluded.organization_id, excluded.category, excluded.predicted, excluded.p, excluded.candidates,
            excluded.source, excluded.rule, excluded.version, excluded.reason, excluded.asks, excluded.asks_on, excluded.asks_address,
            excluded.asks_words, excluded.sentence_scores)
), turn AS MATERIALIZED (SELECT pg_try_advisory_xact_lock({numbering_lock}) AS is_ours
), told AS (
    INSERT INTO messaging_event (id, organization_id, campaign_id, contact_id, message_id, type, detail, origin, happened_at, step,
        variant, email_account, email_id, lead_email, first_name, last_name, company, position)
    SELECT sb_event_id(), organization_id, campaign_id, contact_id, id, 'reply_category', holds, 'rule', %(now)s::timestamptz, 0, 0,
        coalesce(email_account, ''), '', email, '', '', '', CASE WHEN (SELECT is_ours FROM turn) THEN nextval('messaging_event_position') END
    FROM (SELECT * FROM current WHERE holds IS DISTINCT FROM coalesce(before, 'unsure') ORDER BY id) AS changed
)
SELECT count(*) FROM ours
