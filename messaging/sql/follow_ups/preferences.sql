-- Settings of each organization with the latest decisions on each kind of suggestion; one row where nothing was decided.
SELECT o.id, coalesce(s.country, ''), coalesce(s.subdivision, ''), coalesce(s.restarted, '{}')::text, d.contact_id::text || d.key, d.kind,
    d.decision, d.decided_at
FROM unnest(%(organizations)s::uuid[]) AS o (id) LEFT JOIN messaging_followupsettings s ON s.organization_id = o.id
    LEFT JOIN (
        SELECT *, row_number() OVER (PARTITION BY organization_id, kind ORDER BY decided_at DESC, contact_id DESC, key DESC) AS place
        FROM messaging_suggestiondecision WHERE organization_id = ANY (%(organizations)s)) AS d
    ON d.organization_id = o.id AND d.place <= %(cases)s
