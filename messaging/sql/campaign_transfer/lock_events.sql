-- What the numbering step may have in hand: events without a position, in key order as it takes them.
SELECT id FROM messaging_event
WHERE position IS NULL AND (campaign_id = %(campaign)s::uuid OR (origin = ANY (%(ours)s::text[]) AND contact_id IN (
    SELECT p.old_id FROM json_to_recordset(%(people)s::json) AS p (old_id uuid))))
ORDER BY id FOR UPDATE
