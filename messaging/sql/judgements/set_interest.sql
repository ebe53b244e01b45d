-- Events of undocumented types that are judged anew (interest NULL: no label), and the interest of their people: the latest by time.
WITH judged AS MATERIALIZED (
    SELECT * FROM json_to_recordset(%(events)s::json) AS j (id bigint, interest text)
), events AS (
    UPDATE messaging_event e SET interest = j.interest FROM judged j WHERE e.id = j.id
    RETURNING e.id, e.contact_id, e.organization_id, e.interest, e.happened_at
), people AS (
    SELECT DISTINCT organization_id, contact_id FROM events WHERE contact_id IS NOT NULL
), latest AS (
    SELECT DISTINCT ON (p.contact_id) p.contact_id, t.interest, t.happened_at
    FROM people p LEFT JOIN LATERAL (
        SELECT interest, happened_at FROM events WHERE contact_id = p.contact_id AND interest IS NOT NULL
        UNION ALL
        SELECT e.interest, e.happened_at FROM messaging_event e
        WHERE e.organization_id = p.organization_id AND e.contact_id = p.contact_id AND e.interest IS NOT NULL AND e.origin <> 'staff'
            AND e.id NOT IN (SELECT id FROM judged)) AS t ON true
    ORDER BY p.contact_id, t.happened_at DESC NULLS LAST, t.interest DESC
)
UPDATE messaging_contact c SET interest = l.interest, interest_at = l.happened_at, updated_at = now()
FROM latest l WHERE c.id = l.contact_id AND (c.interest, c.interest_at) IS DISTINCT FROM (l.interest, l.happened_at)
