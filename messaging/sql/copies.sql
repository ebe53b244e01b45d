-- Of these events, each a mail told again: which are copies. One of two is, where gap repair told one of them and they are the same mail:
-- by its id, or, where one has none, within two minutes (as match_mails.sql and nameless_replies.sql see it). The later one is marked: what
-- others committed stands, because it may have been read; of two in this batch the delivery stands, which tells more. Two events that
-- deliveries of their own told both stand. The row of the message is locked by now, so a worker with the other half has committed, or
-- waits for us and finds ours. What the one that stands does not know, it learns from its copy.
WITH mine AS (
    SELECT * FROM messaging_event WHERE id = ANY (%(events)s::bigint[])
), copies AS (
    UPDATE messaging_event AS e SET copy_of = first.id, position = NULL
    FROM mine, LATERAL (
        SELECT o.id FROM messaging_event o
        WHERE o.organization_id = mine.organization_id AND o.contact_id = mine.contact_id AND o.message_id = mine.message_id
            AND o.type = mine.type AND o.id <> mine.id AND o.copy_of IS NULL AND 'backfill' IN (o.origin, mine.origin)
            AND CASE WHEN '' IN (o.email_id, mine.email_id)
                THEN o.happened_at BETWEEN mine.happened_at - interval '2 minutes' AND mine.happened_at + interval '2 minutes'
                ELSE o.email_id = mine.email_id END
            AND (o.id <> ALL (%(events)s::bigint[]) OR (o.origin = 'backfill', o.id) < (mine.origin = 'backfill', mine.id))
        ORDER BY o.id = ANY (%(events)s::bigint[]), o.origin = 'backfill', o.id LIMIT 1) AS first
    WHERE e.id = mine.id
    RETURNING e.id, e.copy_of, mine.step, mine.variant, mine.email_account, mine.email_id, mine.first_name, mine.last_name, mine.company
), completed AS (
    UPDATE messaging_event AS e SET
        step = CASE WHEN e.step = 0 THEN c.step ELSE e.step END, variant = CASE WHEN e.variant = 0 THEN c.variant ELSE e.variant END,
        email_account = coalesce(nullif(e.email_account, ''), c.email_account), email_id = coalesce(nullif(e.email_id, ''), c.email_id),
        first_name = coalesce(nullif(e.first_name, ''), c.first_name), last_name = coalesce(nullif(e.last_name, ''), c.last_name),
        company = coalesce(nullif(e.company, ''), c.company)
    FROM copies c WHERE e.id = c.copy_of
)
SELECT id FROM copies
