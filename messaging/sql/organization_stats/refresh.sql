-- Sums the noted days again, those of the oldest notes first, and all days of one organization; deletes their notes. One statement and so
-- one moment: a note that it sees is of a change that it sees, and whatever commits later has a note of its own, which stays. Returns how
-- many notes it deleted.
WITH chosen AS MATERIALIZED (
    (SELECT DISTINCT organization_id, day
    FROM (SELECT organization_id, day FROM messaging_stalestats WHERE day IS NOT NULL ORDER BY id LIMIT %(limit)s) AS oldest)
    UNION ALL (SELECT organization_id, day FROM messaging_stalestats WHERE day IS NULL ORDER BY id LIMIT 1)
), deleted AS (
    DELETE FROM messaging_stalestats s USING chosen c
    WHERE s.organization_id = c.organization_id AND coalesce(s.day, '-infinity') = coalesce(c.day, '-infinity')
    RETURNING 1
), days AS MATERIALIZED (
    SELECT organization_id, day FROM chosen WHERE day IS NOT NULL
    UNION
    SELECT d.organization_id, d.day FROM messaging_dailystats d JOIN chosen c USING (organization_id) WHERE c.day IS NULL
    UNION
    SELECT o.organization_id, o.day FROM messaging_organizationdailystats o JOIN chosen c USING (organization_id) WHERE c.day IS NULL
), summed AS MATERIALIZED (
    SELECT s.organization_id, s.day, c.open_tracking IS NOT FALSE AS tracks_opens, c.link_tracking IS NOT FALSE AS tracks_links,
        sum(s.row_count) AS row_count, {sums}
    FROM (
        SELECT d.organization_id, d.day, d.campaign_id, count(*) FILTER (WHERE {something}) AS row_count, {sums}
        FROM messaging_dailystats d JOIN days USING (organization_id, day)
        GROUP BY d.organization_id, d.day, d.campaign_id
    ) AS s LEFT JOIN campaigns_campaign c ON c.id = s.campaign_id
    GROUP BY 1, 2, 3, 4
), gone AS (
    DELETE FROM messaging_organizationdailystats o USING days d
    WHERE o.organization_id = d.organization_id AND o.day = d.day AND NOT EXISTS (
        SELECT FROM summed s WHERE (s.organization_id, s.day, s.tracks_opens, s.tracks_links)
            = (o.organization_id, o.day, o.tracks_opens, o.tracks_links))
), written AS (
    INSERT INTO messaging_organizationdailystats AS o (organization_id, day, tracks_opens, tracks_links, row_count, {counters})
    SELECT organization_id, day, tracks_opens, tracks_links, row_count, {counters} FROM summed
    ON CONFLICT (organization_id, day, tracks_opens, tracks_links) DO UPDATE SET row_count = excluded.row_count, {replaced}
)
SELECT count(*) FROM deleted
