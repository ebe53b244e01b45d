-- Our totals of a workspace's campaigns, counted as Instantly's analytics count them: opens, clicks and replies as leads with at
-- least one, bounces and unsubscribes as leads, mails and automatic replies one by one.
SELECT c.provider_id, c.name,
    coalesce(s.sent, 0), coalesce(s.auto_replies, 0), coalesce(m.opened, 0), coalesce(m.clicked, 0), coalesce(r.replied, 0),
    coalesce(e.bounced, 0), coalesce(e.unsubscribed, 0)
FROM campaigns_campaign c
    LEFT JOIN LATERAL (
        SELECT sum(d.sent)::int AS sent, sum(d.auto_replies)::int AS auto_replies FROM messaging_dailystats d
        WHERE d.organization_id = c.organization_id AND d.campaign_id = c.id) AS s ON true
    LEFT JOIN LATERAL (
        SELECT count(DISTINCT contact_id) FILTER (WHERE opened_at IS NOT NULL)::int AS opened,
            count(DISTINCT contact_id) FILTER (WHERE clicked_at IS NOT NULL)::int AS clicked
        FROM messaging_message m
        WHERE m.organization_id = c.organization_id AND m.campaign_id = c.id AND m.direction = 'out') AS m ON true
    LEFT JOIN LATERAL (
        SELECT count(DISTINCT contact_id)::int AS replied FROM messaging_message m
        WHERE m.organization_id = c.organization_id AND m.campaign_id = c.id AND m.direction = 'in' AND NOT m.is_auto_reply
            AND m.kind = 'campaign') AS r ON true
    LEFT JOIN LATERAL (
        SELECT count(DISTINCT contact_id) FILTER (WHERE type = 'email_bounced')::int AS bounced,
            count(DISTINCT contact_id) FILTER (WHERE type = 'email_unsubscribed')::int AS unsubscribed
        FROM messaging_event e
        WHERE e.organization_id = c.organization_id AND e.campaign_id = c.id
            AND e.type IN ('email_bounced', 'email_unsubscribed')) AS e ON true
WHERE c.connection_id = %(connection)s::uuid
ORDER BY c.name, c.provider_id
