-- A message's dates are the earliest of each kind, its text that of the earliest sending that told any. Whatever comes first
-- makes the row: insert what is new, then update the rest against the rows as they were when we locked them. (PostgreSQL 16 and
-- 17 have no OLD in RETURNING.) A row that another worker inserted in between is in neither and comes back as `missed`.
-- Returns how the figures moved: what each row counted for before is taken away, what it counts for now is added, so a late,
-- earlier open moves the count to its own day, and a mail known twice counts once. The earliest openings and clicks are kept by time:
-- which of them look like a machine's is told again whenever they or the sending change (likely_machine.sql). `told_again` are the
-- messages whose sending was told before, or twice in this batch: one of the two may be a copy (copies.sql). Mails written by hand are in no
-- figure. What a change does not tell is no part of its JSON, and NULL here.
WITH change AS MATERIALIZED (
    SELECT * FROM json_to_recordset(%s::json) AS c (
        id uuid, organization_id uuid, campaign_id uuid, contact_id uuid, direction text, kind text, happened_at timestamptz, step int,
        variant int, email_account text, is_auto_reply boolean, email_id text, thread_id text, subject text, body_text text, body_html text,
        reply_text text, text_at timestamptz, sent_at timestamptz, opened_at timestamptz, clicked_at timestamptz,
        replied_at timestamptz, bounced_at timestamptz, opens int, clicks int)
), told AS (
    SELECT DISTINCT ON (id) id, text_at, subject, body_text, body_html, reply_text FROM change WHERE text_at IS NOT NULL
    ORDER BY id, text_at, subject, body_text, body_html, reply_text
), dated AS (
    SELECT id, organization_id, campaign_id, contact_id, direction, kind, bool_and(coalesce(is_auto_reply, false)) AS is_auto_reply,
        min(step) AS step, coalesce(min(variant) FILTER (WHERE variant > 0), 0) AS variant, min(happened_at) AS happened_at, min(email_account) AS email_account,
        min(email_id) AS email_id, coalesce(min(thread_id) FILTER (WHERE thread_id ~ {api_thread}), min(thread_id)) AS thread_id,
        min(sent_at) AS sent_at, min(opened_at) AS opened_at,
        min(clicked_at) AS clicked_at, min(replied_at) AS replied_at, min(bounced_at) AS bounced_at,
        count(sent_at) > 1 AS told_again, coalesce(sum(opens), 0)::int AS open_count, coalesce(sum(clicks), 0)::int AS click_count
    FROM change GROUP BY id, organization_id, campaign_id, contact_id, direction, kind
), opened AS (
    -- Apart from the dates: PostgreSQL takes a list in the making for 8 KiB, and would group a full batch with its lists on disk.
    SELECT id, (array_agg(opened_at ORDER BY opened_at))[1:{kept}] AS open_times FROM change WHERE opens > 0 GROUP BY id
), clicked AS (
    SELECT id, (array_agg(clicked_at ORDER BY clicked_at))[1:{kept}] AS click_times FROM change WHERE clicks > 0 GROUP BY id
), incoming AS MATERIALIZED (
    SELECT * FROM dated LEFT JOIN told USING (id) LEFT JOIN opened USING (id) LEFT JOIN clicked USING (id)
), first AS (
    -- What a message looks like if these are the first we hear of it.
    SELECT i.*,
        CASE WHEN i.open_times IS NULL THEN 0 ELSE (SELECT count(*)::int FROM (
            {likely_machine}) AS likely WHERE figure = 'machine_opens') END AS machine_open_count,
        CASE WHEN i.click_times IS NULL THEN 0 ELSE (SELECT count(*)::int FROM (
            {likely_machine}) AS likely WHERE figure = 'machine_clicks') END AS machine_click_count
    FROM incoming i
), inserted AS (
    INSERT INTO messaging_message (id, organization_id, campaign_id, contact_id, direction, kind, is_auto_reply, step, variant, happened_at,
        email_account, email_id, thread_id, sent_at, opened_at, clicked_at, replied_at, bounced_at, open_count, click_count,
        open_times, click_times, machine_open_count, machine_click_count, text_at, subject, body_text, body_html, reply_text)
    SELECT id, organization_id, campaign_id, contact_id, direction, kind, is_auto_reply, step, variant, happened_at,
        email_account, email_id, thread_id, sent_at, opened_at, clicked_at, replied_at, bounced_at, open_count, click_count,
        open_times, click_times, machine_open_count, machine_click_count, text_at, subject, body_text, body_html, reply_text
    FROM first ORDER BY id
    ON CONFLICT DO NOTHING  -- on any unique index: contacts.sql says why
    RETURNING id, organization_id, campaign_id, direction, kind, is_auto_reply, step, variant, happened_at, email_account,
        sent_at, opened_at, clicked_at, replied_at, bounced_at, open_count, click_count, open_times, click_times, machine_open_count,
        machine_click_count
), known AS MATERIALIZED (
    -- LATERAL: one look-up by key for each, in key order, whatever the planner believes of the table.
    SELECT m.* FROM (SELECT id FROM incoming WHERE id NOT IN (SELECT id FROM inserted) ORDER BY id) AS i,
        LATERAL (SELECT * FROM messaging_message WHERE id = i.id FOR NO KEY UPDATE) AS m
), updated AS (
    UPDATE messaging_message AS m SET
        (text_at, subject, body_text, body_html, reply_text) = (
            SELECT v.* FROM (VALUES (k.text_at, k.subject, k.body_text, k.body_html, k.reply_text),
                (i.text_at, i.subject, i.body_text, i.body_html, i.reply_text)) AS v (at, subject, body_text, body_html, reply_text)
            ORDER BY at NULLS LAST, subject, body_text, body_html, reply_text LIMIT 1),
        is_auto_reply = k.is_auto_reply AND i.is_auto_reply,  -- told as both, it is a human's
        step = least(k.step, i.step),  -- of a reply; a sent mail's is part of its id
        variant = coalesce(least(nullif(k.variant, 0), nullif(i.variant, 0)), 0),  -- 0: not told
        happened_at = least(k.happened_at, i.happened_at), email_account = least(k.email_account, i.email_account),
        email_id = least(k.email_id, i.email_id), sent_at = least(k.sent_at, i.sent_at),
        thread_id = CASE  -- the API's id of a thread replaces a delivery's, which is of another form
            WHEN i.thread_id ~ {api_thread} AND coalesce(k.thread_id !~ {api_thread}, true) THEN i.thread_id
            WHEN k.thread_id ~ {api_thread} AND coalesce(i.thread_id !~ {api_thread}, true) THEN k.thread_id
            ELSE least(k.thread_id, i.thread_id) END,
        opened_at = least(k.opened_at, i.opened_at), clicked_at = least(k.clicked_at, i.clicked_at),
        replied_at = least(k.replied_at, i.replied_at), bounced_at = least(k.bounced_at, i.bounced_at),
        open_count = k.open_count + i.open_count, click_count = k.click_count + i.click_count,
        open_times = n.open_times, click_times = n.click_times,
        machine_open_count = n.machine_open_count, machine_click_count = n.machine_click_count, updated_at = now()
    FROM incoming i JOIN known k USING (id), LATERAL (
        SELECT merged.*,
            CASE WHEN merged.open_times IS NULL THEN 0 ELSE (SELECT count(*)::int FROM (
                {likely_machine}) AS likely WHERE figure = 'machine_opens') END AS machine_open_count,
            CASE WHEN merged.click_times IS NULL THEN 0 ELSE (SELECT count(*)::int FROM (
                {likely_machine}) AS likely WHERE figure = 'machine_clicks') END AS machine_click_count
        FROM (SELECT least(k.sent_at, i.sent_at) AS sent_at,
            CASE WHEN i.open_times IS NULL THEN k.open_times ELSE (SELECT array_agg(at ORDER BY at) FROM (
                SELECT at FROM unnest(k.open_times || i.open_times) AS at ORDER BY at LIMIT {kept}) AS earliest) END AS open_times,
            CASE WHEN i.click_times IS NULL THEN k.click_times ELSE (SELECT array_agg(at ORDER BY at) FROM (
                SELECT at FROM unnest(k.click_times || i.click_times) AS at ORDER BY at LIMIT {kept}) AS earliest) END AS click_times
        OFFSET 0) AS merged) AS n  -- or each use of a merged list would merge it again
    WHERE m.id = k.id
    RETURNING m.id, m.organization_id, m.campaign_id, m.direction, m.kind, m.is_auto_reply, m.step, m.variant, m.happened_at, m.email_account,
        m.sent_at, m.opened_at, m.clicked_at, m.replied_at, m.bounced_at, m.open_count, m.click_count, m.open_times, m.click_times,
        m.machine_open_count, m.machine_click_count,
        (i.text_at IS NOT NULL AND (m.text_at, m.subject, m.body_text, m.reply_text)
            IS DISTINCT FROM (k.text_at, k.subject, k.body_text, k.reply_text)) OR m.is_auto_reply <> k.is_auto_reply AS told,
        i.told_again OR (k.sent_at IS NOT NULL AND i.sent_at IS NOT NULL) AS told_again
), to_index AS (
    INSERT INTO messaging_searchpending (message_id)
    SELECT id FROM inserted UNION ALL SELECT id FROM updated WHERE told ORDER BY id
    ON CONFLICT (message_id) DO UPDATE SET message_id = excluded.message_id  -- waits for the step that is taking the old note
), counted AS (
    SELECT 1 AS sign, organization_id, campaign_id, direction, kind, is_auto_reply, step, variant, happened_at, email_account,
        sent_at, opened_at, clicked_at, replied_at, bounced_at, open_count, click_count, open_times, click_times, machine_open_count,
        machine_click_count
    FROM inserted
    UNION ALL
    SELECT 1, organization_id, campaign_id, direction, kind, is_auto_reply, step, variant, happened_at, email_account,
        sent_at, opened_at, clicked_at, replied_at, bounced_at, open_count, click_count, open_times, click_times, machine_open_count,
        machine_click_count
    FROM updated
    UNION ALL
    SELECT -1, organization_id, campaign_id, direction, kind, is_auto_reply, step, variant, happened_at, email_account,
        sent_at, opened_at, clicked_at, replied_at, bounced_at, open_count, click_count, open_times, click_times, machine_open_count,
        machine_click_count
    FROM known
), moved AS (
    SELECT organization_id, campaign_id, coalesce(email_account, '') AS account, (at AT TIME ZONE 'UTC')::date AS day, step, variant,
        {moved}
    FROM counted, LATERAL (VALUES
        ('messages', happened_at),
        (CASE WHEN direction = 'out' THEN 'sent' WHEN is_auto_reply THEN 'auto_replies' ELSE 'replies' END, sent_at),
        ('bounces', bounced_at), ('unique_opens', opened_at), ('unique_clicks', clicked_at), ('unique_replies', replied_at),
        (CASE WHEN machine_open_count > 0 AND machine_open_count = open_count THEN 'unique_machine_opens' END, opened_at),
        (CASE WHEN machine_click_count > 0 AND machine_click_count = click_count THEN 'unique_machine_clicks' END, clicked_at)
        UNION ALL
        {likely_machine}
    ) AS contribution (figure, at)
    WHERE at IS NOT NULL AND kind = 'campaign'
    GROUP BY 1, 2, 3, 4, 5, 6
)
SELECT ARRAY(SELECT id FROM incoming EXCEPT (SELECT id FROM inserted UNION ALL SELECT id FROM updated)) AS missed,
    ARRAY(SELECT id FROM updated WHERE told_again UNION SELECT id FROM incoming WHERE told_again) AS told_again, moved.*
FROM (SELECT) AS one LEFT JOIN moved
    ON ({counters}) <> ({zeros})
