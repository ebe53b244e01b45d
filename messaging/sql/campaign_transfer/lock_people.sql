-- In key order, as the event writer does.
SELECT id FROM messaging_contact
WHERE id IN (
    SELECT unnest(ARRAY[p.old_id, p.new_id]) FROM json_to_recordset(%(people)s::json) AS p (old_id uuid, new_id uuid))
ORDER BY id FOR UPDATE
