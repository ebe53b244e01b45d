-- Of these events, each something about a lead that gap repair may tell as well (opens, interest, the end of a sequence): which are told
-- again. Gap repair reads a lead's last open or its state, the delivery of the same thing may come hours later. The one recorded later is
-- marked and counts nowhere; of two in this batch the delivery stands. A repaired event has one copy at most, so a second open within the
-- minute still counts.
-- What a lead told names neither mail nor email account; what gap repair found in the provider's log of deliveries is a delivery's body.
-- Up to a minute lies between a lead's own times and those of deliveries (reconciliation/leads.py). Bounce, unsubscription and
-- ends of sequences carry the time of the lead's last change, which is that of the thing itself or any later one.
WITH mine AS MATERIALIZED (
    SELECT id, organization_id, contact_id, campaign_id, type, detail, happened_at,
        origin IN ('backfill', 'derived') AND email_account = '' AND email_id = '' AS is_of_lead,
        type IN ('email_bounced', 'email_unsubscribed', 'lead_completed', 'lead_error') AS is_once
    FROM messaging_event WHERE id = ANY (%(events)s::bigint[]) AND contact_id IS NOT NULL
), pairs AS (
    SELECT mine.id, repaired.id AS first, repaired.happened_at - mine.happened_at AS apart
    FROM mine, LATERAL (
        SELECT o.id, o.happened_at FROM messaging_event o
        WHERE o.organization_id = mine.organization_id AND o.contact_id = mine.contact_id
            AND o.origin IN ('backfill', 'derived') AND o.email_account = '' AND o.email_id = ''
            AND o.copy_of IS NULL AND o.campaign_id IS NOT DISTINCT FROM mine.campaign_id AND o.type = mine.type
            AND (o.type <> 'custom' OR o.detail = mine.detail) AND o.id <> ALL (%(events)s::bigint[])
            AND o.happened_at >= mine.happened_at - interval '1 minute'
            AND (mine.is_once OR o.happened_at <= mine.happened_at + interval '1 minute')) AS repaired
    WHERE NOT mine.is_of_lead
    UNION ALL
    SELECT mine.id, told.id, told.happened_at - mine.happened_at
    FROM mine, LATERAL (
        SELECT o.id, o.happened_at FROM messaging_event o
        WHERE o.organization_id = mine.organization_id AND o.contact_id = mine.contact_id
            AND (o.origin = 'webhook' OR o.origin = 'backfill' AND (o.email_account, o.email_id) <> ('', ''))
            AND o.copy_of IS NULL AND o.campaign_id IS NOT DISTINCT FROM mine.campaign_id AND o.type = mine.type
            AND (o.type <> 'custom' OR o.detail = mine.detail) AND o.happened_at <= mine.happened_at + interval '1 minute'
            AND (mine.is_once OR o.happened_at >= mine.happened_at - interval '1 minute')) AS told
    WHERE mine.is_of_lead
), unpaired AS (
    SELECT DISTINCT ON (p.first) p.* FROM pairs p
    WHERE NOT EXISTS (
        SELECT FROM mine JOIN messaging_event c ON c.organization_id = mine.organization_id AND c.contact_id = mine.contact_id
        WHERE mine.id = p.id AND c.copy_of = p.first)
    ORDER BY p.first, abs(extract(epoch FROM p.apart)), p.id
)
UPDATE messaging_event e SET copy_of = u.first, position = NULL
FROM (SELECT DISTINCT ON (id) id, first FROM unpaired ORDER BY id, first) AS u
WHERE e.id = u.id
RETURNING e.id
