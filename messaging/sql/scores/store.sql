-- Scores of contacts that are still there, in key order.
WITH scored AS (
    SELECT s.* FROM json_to_recordset(%(rows)s::json) AS s (id uuid, organization_id uuid, band text, points int, excluded text, version text)
        JOIN messaging_contact c ON c.organization_id = s.organization_id AND c.id = s.id
    ORDER BY s.id FOR KEY SHARE OF c
)
INSERT INTO messaging_contactscore (id, organization_id, band, points, excluded, version, scored_at)
SELECT id, organization_id, band, points, excluded, version, %(now)s::timestamptz FROM scored
ON CONFLICT (id) DO UPDATE SET organization_id = excluded.organization_id, band = excluded.band, points = excluded.points,
    excluded = excluded.excluded, version = excluded.version, scored_at = excluded.scored_at
