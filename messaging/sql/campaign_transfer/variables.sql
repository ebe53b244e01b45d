-- What the leads of a moved campaign say of its people goes with it; where the new organization knows something later, that stays.
WITH people AS MATERIALIZED (
    SELECT * FROM json_to_recordset(%(people)s::json) AS p (old_id uuid, new_id uuid)
), taken AS (
    DELETE FROM messaging_contactvariables v WHERE v.campaign_id = %(campaign)s::uuid
    RETURNING v.id, v.variables, v.left_out, v.told_at
)
INSERT INTO messaging_contactvariables AS v (id, organization_id, campaign_id, variables, left_out, told_at)
SELECT p.new_id, %(organization)s::uuid, %(campaign)s::uuid, t.variables, t.left_out, t.told_at
FROM taken t JOIN people p ON p.old_id = t.id
ORDER BY p.new_id
ON CONFLICT (id) DO UPDATE SET campaign_id = excluded.campaign_id, variables = excluded.variables, left_out = excluded.left_out,
    told_at = excluded.told_at, updated_at = now()
WHERE excluded.told_at > v.told_at
