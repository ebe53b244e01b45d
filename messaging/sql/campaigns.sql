-- Status: the latest by time, the greater text when two share the instant. The provider's number is not told by an event.
WITH change AS (
    SELECT DISTINCT ON (id) * FROM json_to_recordset(%s::json) AS c (id uuid, status text, status_at timestamptz)
    ORDER BY id, status_at DESC, status DESC
), locked AS (
    SELECT id FROM campaigns_campaign WHERE id IN (SELECT id FROM change) ORDER BY id FOR NO KEY UPDATE
)
UPDATE campaigns_campaign c SET status = change.status, status_at = change.status_at, status_code = NULL, updated_at = now()
FROM change JOIN locked USING (id)
WHERE c.id = change.id AND coalesce((change.status_at, change.status) > (c.status_at, c.status), true)
