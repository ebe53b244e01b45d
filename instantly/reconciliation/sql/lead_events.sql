-- Of each lead of a campaign: the latest of each kind of event in the log, how many opens and clicks, and which step was sent last.
-- By the person first, then what is known of them. IS NOT DISTINCT FROM: no index serves it, so while tables have no statistics the
-- campaign's index, which has all its events for each lead, is not taken for as good as the person's.
SELECT l.email, told.*, sent.step AS last_step, sent.variant AS last_variant
FROM campaigns_campaign c CROSS JOIN unnest(%(leads)s::text[]) AS l (email)
    LEFT JOIN messaging_contact p ON p.organization_id = c.organization_id AND p.email = l.email
    LEFT JOIN LATERAL (
        SELECT max(e.happened_at) FILTER (WHERE e.type = 'email_opened') AS email_opened,
            max(e.happened_at) FILTER (WHERE e.type = 'email_clicked') AS link_clicked,
            max(e.happened_at) FILTER (WHERE e.type = 'email_bounced') AS email_bounced,
            max(e.happened_at) FILTER (WHERE e.type = 'email_unsubscribed') AS lead_unsubscribed,
            max(e.happened_at) FILTER (WHERE e.type = 'lead_completed') AS lead_completed,
            max(e.happened_at) FILTER (WHERE e.type = 'lead_error') AS lead_error,
            count(*) FILTER (WHERE e.type = 'email_opened') AS opens,
            count(*) FILTER (WHERE e.type = 'email_clicked') AS clicks,
            max(e.happened_at) FILTER (WHERE e.interest IS NOT NULL) AS interest
        FROM messaging_event e
        WHERE e.organization_id = c.organization_id AND e.contact_id = p.id
            AND e.campaign_id IS NOT DISTINCT FROM c.id) AS told ON true
    LEFT JOIN LATERAL (
        SELECT m.step, m.variant FROM messaging_message m
        WHERE m.organization_id = c.organization_id AND m.contact_id = p.id
            AND m.campaign_id IS NOT DISTINCT FROM c.id AND m.direction = 'out' AND m.kind = 'campaign'
        ORDER BY m.sent_at DESC NULLS LAST, m.step DESC, m.id LIMIT 1) AS sent ON true
WHERE c.id = %(campaign)s::uuid
