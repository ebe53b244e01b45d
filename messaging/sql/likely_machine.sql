-- Part of other statements, in place of their mark: the times in `open_times` and `click_times` that look like a machine's, by
-- figure. `sent_at` may be unknown: then only clicks all at once tell. See messaging/machine_opens.py.
SELECT 'machine_opens' AS figure, at FROM unnest(open_times) AS at
WHERE open_times IS NOT NULL AND at <= sent_at + interval '{after_sending} seconds'
UNION ALL
SELECT 'machine_clicks', at FROM (
    SELECT at, lag(at) OVER in_order AS one_before, lead(at) OVER in_order AS one_after FROM unnest(click_times) AS at
    WHERE click_times IS NOT NULL
    WINDOW in_order AS (ORDER BY at)) AS clicks
WHERE at <= sent_at + interval '{after_sending} seconds' OR at - one_before <= interval '{together} seconds'
    OR one_after - at <= interval '{together} seconds'
