-- The people of a moved campaign, in their new organization. What is in the log of them is recomputed from it.
INSERT INTO messaging_contact AS c (
    id, organization_id, email, first_name, last_name, company, phone, website, named_at, first_seen_at)
SELECT p.new_id, %(organization)s::uuid, o.email, o.first_name, o.last_name, o.company, o.phone, o.website, o.named_at,
    o.first_seen_at
FROM json_to_recordset(%(people)s::json) AS p (old_id uuid, new_id uuid) JOIN messaging_contact o ON o.id = p.old_id
ORDER BY p.new_id
ON CONFLICT (id) DO UPDATE SET
    phone = CASE WHEN excluded.named_at > coalesce(c.named_at, '-infinity') THEN excluded.phone ELSE c.phone END,
    website = CASE WHEN excluded.named_at > coalesce(c.named_at, '-infinity') THEN excluded.website ELSE c.website END
WHERE excluded.named_at > coalesce(c.named_at, '-infinity')
