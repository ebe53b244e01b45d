INSERT INTO instantly_held (delivery_id, reason, detail, attempts, next_try_at)
SELECT delivery_id, reason, detail, attempts, next_try_at
FROM json_to_recordset(%s::json) AS h (delivery_id bigint, reason text, detail text, attempts int, next_try_at timestamptz)
ON CONFLICT (delivery_id) DO UPDATE SET reason = excluded.reason, detail = excluded.detail, attempts = excluded.attempts,
    next_try_at = excluded.next_try_at
