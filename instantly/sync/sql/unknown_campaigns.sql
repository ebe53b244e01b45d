-- Campaigns that deliveries name and a complete listing does not have: Instantly has forgotten them, we make them from what
-- the delivery says, missing from the start, so that their events are not held for ever. A delivery that came after the
-- listing began may be of a campaign made since; it waits for the next listing.
INSERT INTO campaigns_campaign (
    organization_id, connection_id, provider, provider_id, name, status, not_sending, schedule, sequences, senders, raw,
    missing_since)
SELECT DISTINCT ON (d.campaign) %(organization)s::uuid, %(connection)s::uuid, %(provider)s::text, d.campaign,
    coalesce(
        nullif(left(coalesce(d.cleaned, convert_from(d.body, 'UTF8'))::json ->> 'campaign_name', 500), ''),
        'Campaign ' || d.campaign),
    'unknown', '', '{}', '[]', '[]', '{}', %(seen_at)s::timestamptz
FROM instantly_held h JOIN instantly_delivery d ON d.id = h.delivery_id
WHERE h.reason = 'unknown_campaign' AND d.connection_id = %(connection)s::uuid AND d.campaign <> ''
    AND length(d.campaign) <= 255  -- a longer one fits no index: its deliveries stay held
    AND d.received_at < %(began_at)s::timestamptz AND d.campaign <> ALL (%(unreadable)s::text[])
    AND NOT EXISTS (
        SELECT FROM campaigns_campaign c WHERE c.connection_id = %(connection)s::uuid AND c.provider_id = d.campaign)
ORDER BY d.campaign, d.id
ON CONFLICT (connection_id, provider_id) DO NOTHING
