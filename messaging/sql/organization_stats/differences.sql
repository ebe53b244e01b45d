-- Days of which the sums are not what the daily stats come to although no note says so. One statement and so one moment.
WITH stored AS (
    SELECT organization_id, day, tracks_opens, tracks_links, row_count, {counters} FROM messaging_organizationdailystats
    WHERE %(organization)s::uuid IS NULL OR organization_id = %(organization)s::uuid
), summed AS (
    SELECT d.organization_id, d.day, c.open_tracking IS NOT FALSE AS tracks_opens, c.link_tracking IS NOT FALSE AS tracks_links,
        count(*) FILTER (WHERE {something}) AS row_count, {sums}
    FROM messaging_dailystats d LEFT JOIN campaigns_campaign c ON c.id = d.campaign_id
    WHERE %(organization)s::uuid IS NULL OR d.organization_id = %(organization)s::uuid
    GROUP BY 1, 2, 3, 4
), odd AS (
    (TABLE stored EXCEPT TABLE summed) UNION (TABLE summed EXCEPT TABLE stored)
)
SELECT DISTINCT organization_id, day FROM odd
WHERE NOT EXISTS (SELECT FROM messaging_stalestats s
    WHERE s.organization_id = odd.organization_id AND (s.day IS NULL OR s.day = odd.day))
ORDER BY 1, 2
