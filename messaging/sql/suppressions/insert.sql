-- A list of addresses that must not be written to, in key order as the event writer does; who is entered already stays as they are.
INSERT INTO messaging_suppression (organization_id, email, reason, detail, first_at, last_at, lifted_by, lift_reason)
SELECT %s::uuid, email, %s::text, %s::text, %s::timestamptz, %s::timestamptz, '', ''
FROM json_to_recordset(%s::json) AS l (email text)
ORDER BY email
ON CONFLICT (organization_id, email, reason) DO NOTHING
