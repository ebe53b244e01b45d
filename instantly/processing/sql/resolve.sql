-- Alerts about held deliveries, once none of that kind is held on the connection any more: they were replayed, or what was wrong with
-- the workspace was put right. Not in its first seconds: who raises one writes the held delivery in the same transaction, which this
-- statement may not see yet.
UPDATE instantly_alert a SET resolved_at = now(), updated_at = now()
WHERE a.resolved_at IS NULL AND a.last_at < now() - interval '5 seconds' AND a.kind IN ('dead_deliveries', 'workspace_mismatch', 'over_budget')
    AND NOT EXISTS (
        SELECT FROM instantly_held h JOIN instantly_delivery d ON d.id = h.delivery_id
        WHERE d.connection_id = a.connection_id AND h.reason = CASE a.kind WHEN 'dead_deliveries' THEN 'dead' ELSE a.kind END)
