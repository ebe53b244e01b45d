-- Those of the deliveries read before that are pending still, past what other workers hold. The row lock is the lease: it goes when this
-- transaction does, however it ends. Deleting now and committing with the effects is what makes it once. KEY SHARE: a campaign being
-- moved waits for us, or we for it. A delivery tried before leaves `held` too and brings its attempts.
WITH claimed AS (
    DELETE FROM instantly_pending
    WHERE delivery_id = ANY (ARRAY(
        SELECT delivery_id FROM instantly_pending WHERE delivery_id = ANY (%s::bigint[]) ORDER BY delivery_id FOR UPDATE SKIP LOCKED))
    RETURNING delivery_id
), tried AS (
    DELETE FROM instantly_held h USING claimed c WHERE h.delivery_id = c.delivery_id RETURNING h.delivery_id, h.attempts
)
SELECT d.id, d.connection_id, n.workspace_id,
    coalesce(c.organization_id, n.organization_id, (SELECT id FROM accounts_organization WHERE is_house)),
    c.id, d.campaign, d.origin, coalesce(t.attempts, 0), coalesce(c.is_variant_unsure, false), d.xmin::text,
    c.provider_created_at, n.lead_labels ? d.event_type, coalesce(c.has_repaired_leads, false),
    c.removed_at IS NOT NULL
FROM claimed JOIN instantly_delivery d ON d.id = claimed.delivery_id
    JOIN accounts_providerconnection n ON n.id = d.connection_id
    LEFT JOIN tried t ON t.delivery_id = d.id
    LEFT JOIN LATERAL (
        SELECT id, organization_id, is_variant_unsure, has_repaired_leads, provider_created_at, removed_at FROM campaigns_campaign
        WHERE connection_id = d.connection_id AND provider_id = d.campaign
        FOR KEY SHARE) c ON true
ORDER BY d.id
