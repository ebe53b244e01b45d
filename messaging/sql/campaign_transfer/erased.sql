-- Who was erased from the old organization comes along as nobody, and later events of the address stay anonymous in the new one.
INSERT INTO messaging_suppression (organization_id, email, reason, detail, first_at, last_at, lifted_by, lift_reason)
SELECT c.organization_id, s.email, s.reason, '', s.first_at, s.last_at, '', ''
FROM json_to_recordset(%(people)s::json) AS p (old_id uuid, new_id uuid)
    JOIN messaging_contact c ON c.organization_id = %(organization)s::uuid AND c.id = p.new_id
    JOIN messaging_suppression s ON s.organization_id = %(before)s::uuid AND s.email = c.email AND s.reason = 'erased'
ORDER BY s.email
ON CONFLICT (organization_id, email, reason) DO NOTHING
