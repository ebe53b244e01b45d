-- Adds a batch's figures to the daily rows, one update a row however many events touched it, in key order. The lists of columns come
-- from ROLLUP_COUNTERS (models/rollup.py).
INSERT INTO messaging_dailystats AS s (organization_id, campaign_id, email_account, day, step, variant, {counters})
SELECT organization_id, campaign_id, email_account, day, step, variant, {given}
FROM json_to_recordset(%s::json) AS d (organization_id uuid, campaign_id uuid, email_account text, day date, step int, variant int,
    {typed})
ORDER BY organization_id, campaign_id, email_account, day, step, variant
ON CONFLICT (organization_id, campaign_id, email_account, day, step, variant) DO UPDATE SET {added}
