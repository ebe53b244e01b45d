-- First and last time an address told us not to write. Lifting is staff's and untouched here: a later event puts it in force again.
INSERT INTO messaging_suppression AS s (organization_id, email, reason, detail, first_at, last_at, lifted_by, lift_reason)
SELECT organization_id, email, reason, '', min(at), max(at), '', ''
FROM json_to_recordset(%s::json) AS c (organization_id uuid, email text, reason text, at timestamptz)
GROUP BY organization_id, email, reason
ORDER BY organization_id, email, reason
ON CONFLICT (organization_id, email, reason) DO UPDATE SET
    first_at = least(s.first_at, excluded.first_at), last_at = greatest(s.last_at, excluded.last_at), updated_at = now()
WHERE excluded.first_at < s.first_at OR excluded.last_at > s.last_at
