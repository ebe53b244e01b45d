-- What waited and need not wait any longer goes back into the queue: its campaign is known by now, its workspace is its
-- connection's after all, or its next try is due. `held` keeps the row (and its attempts) until it is claimed.
-- Run now and then: there is nothing to forget to call.
INSERT INTO instantly_pending (delivery_id)
SELECT h.delivery_id FROM instantly_held h JOIN instantly_delivery d ON d.id = h.delivery_id
WHERE CASE h.reason
    WHEN 'unknown_campaign' THEN EXISTS (
        SELECT FROM campaigns_campaign c WHERE c.connection_id = d.connection_id AND c.provider_id = d.campaign)
    WHEN 'workspace_mismatch' THEN EXISTS (
        SELECT FROM accounts_providerconnection n WHERE n.id = d.connection_id AND n.workspace_id = h.detail)
    WHEN 'failed' THEN h.next_try_at <= now()
END
ORDER BY h.delivery_id
ON CONFLICT DO NOTHING
