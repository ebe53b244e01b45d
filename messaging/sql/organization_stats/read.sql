-- The stats of an organization from the sums of its days, whatever the number of its campaigns; from the daily stats where a note says
-- that a day's sum is not valid: usually today's, until the worker is next idle. Grouped by what the campaigns track.
WITH noted AS MATERIALIZED (
    SELECT CASE WHEN bool_or(day IS NULL) THEN ARRAY(SELECT DISTINCT day FROM messaging_dailystats WHERE organization_id = %(organization_id)s)
        ELSE coalesce(array_agg(DISTINCT day), '{{}}') END AS days, coalesce(bool_or(day IS NULL), false) AS are_all
    FROM messaging_stalestats WHERE organization_id = %(organization_id)s
)
SELECT {key}tracks_opens, tracks_links, sum(row_count)::bigint, {sums}
FROM (
    SELECT {key}tracks_opens, tracks_links, row_count, {counters}
    FROM messaging_organizationdailystats
    WHERE organization_id = %(organization_id)s{bounds} AND NOT (SELECT are_all FROM noted) AND day <> ALL ((SELECT days FROM noted)::date[])
    UNION ALL
    SELECT {key}c.open_tracking IS NOT FALSE, c.link_tracking IS NOT FALSE, s.row_count, {counters}
    FROM (
        SELECT campaign_id, {key}count(*) FILTER (WHERE {something}) AS row_count, {inner}
        FROM messaging_dailystats
        WHERE organization_id = %(organization_id)s{bounds} AND day = ANY ((SELECT days FROM noted)::date[])
        GROUP BY campaign_id{by}
    ) AS s LEFT JOIN campaigns_campaign c ON c.id = s.campaign_id
) AS s
GROUP BY {key}tracks_opens, tracks_links{order}
