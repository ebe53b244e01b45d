-- The rollups beside what rows and log come to now, where they differ: each figure's stored value minus its recounted one. One
-- statement and so one moment: a batch writes rows, log and rollups in one transaction, so a running worker is no difference.
-- A rollup row of zeros is as good as none. What looks like a machine's is told from the log, not from what messages keep.
WITH seen AS (
    SELECT message_id,
        array_agg(happened_at ORDER BY happened_at) FILTER (WHERE type = 'email_opened') AS opens,
        array_agg(happened_at ORDER BY happened_at) FILTER (WHERE type = 'email_clicked') AS clicks
    FROM messaging_event
    WHERE message_id IS NOT NULL AND type IN ('email_opened', 'email_clicked') AND copy_of IS NULL
        AND (%(organization)s::uuid IS NULL OR organization_id = %(organization)s::uuid)
    GROUP BY message_id
), watched AS (
    SELECT m.organization_id, m.campaign_id, coalesce(m.email_account, '') AS email_account, m.step, m.variant, m.sent_at,
        s.opens, s.clicks, s.opens[1:{kept}] AS open_times, s.clicks[1:{kept}] AS click_times
    FROM seen s JOIN messaging_message m ON m.id = s.message_id
), likely AS (
    SELECT w.*, l.figure, l.at FROM watched w, LATERAL (
        {likely_machine}) AS l
), counted AS (
    SELECT organization_id, campaign_id, coalesce(email_account, '') AS email_account, (at AT TIME ZONE 'UTC')::date AS day, step, variant,
        figure
    FROM messaging_message, LATERAL (VALUES
        ('messages', happened_at), ('bounces', bounced_at), ('unique_opens', opened_at), ('unique_clicks', clicked_at),
        ('unique_replies', replied_at),
        (CASE WHEN direction = 'out' THEN 'sent' WHEN is_auto_reply THEN 'auto_replies' ELSE 'replies' END, sent_at)) AS f (figure, at)
    WHERE at IS NOT NULL AND kind = 'campaign' AND (%(organization)s::uuid IS NULL OR organization_id = %(organization)s::uuid)
    UNION ALL
    SELECT organization_id, campaign_id, email_account, (at AT TIME ZONE 'UTC')::date, step, variant, figure FROM likely
    UNION ALL
    SELECT organization_id, campaign_id, email_account, (times[1] AT TIME ZONE 'UTC')::date, step, variant, 'unique_' || figure
    FROM watched, LATERAL (VALUES
        ('machine_opens', opens, (SELECT count(*) FROM (
            {likely_machine}) AS l WHERE l.figure = 'machine_opens')),
        ('machine_clicks', clicks, (SELECT count(*) FROM (
            {likely_machine}) AS l WHERE l.figure = 'machine_clicks'))) AS f (figure, times, machines)
    WHERE cardinality(times) = machines
    UNION ALL
    SELECT organization_id, campaign_id, email_account, (happened_at AT TIME ZONE 'UTC')::date, step, variant, figure
    FROM messaging_event JOIN json_each_text(%(counted_as)s::json) AS c (type, figure) USING (type)
    WHERE copy_of IS NULL AND (%(organization)s::uuid IS NULL OR organization_id = %(organization)s::uuid)
), recounted AS (
    SELECT organization_id, campaign_id, email_account, day, step, variant, {recounted}
    FROM counted GROUP BY 1, 2, 3, 4, 5, 6
), stored AS (
    SELECT * FROM messaging_dailystats WHERE %(organization)s::uuid IS NULL OR organization_id = %(organization)s::uuid
)
SELECT s.id, coalesce(s.organization_id, r.organization_id) AS organization_id, coalesce(s.campaign_id, r.campaign_id) AS campaign_id,
    coalesce(s.email_account, r.email_account) AS email_account, coalesce(s.day, r.day) AS day, coalesce(s.step, r.step) AS step,
    coalesce(s.variant, r.variant) AS variant, {differences}
FROM stored s FULL JOIN recounted r ON s.organization_id = r.organization_id
    AND coalesce(s.campaign_id, '00000000-0000-0000-0000-000000000000') = coalesce(r.campaign_id, '00000000-0000-0000-0000-000000000000')
    AND s.email_account = r.email_account AND s.day = r.day AND s.step = r.step AND s.variant = r.variant
WHERE {differ}
