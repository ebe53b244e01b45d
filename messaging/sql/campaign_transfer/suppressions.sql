-- Who told this campaign not to write must not be written to by its new organization either. The old one's stay.
INSERT INTO messaging_suppression AS s (organization_id, email, reason, detail, first_at, last_at, lifted_by, lift_reason)
SELECT %(organization)s::uuid, e.lead_email, r.reason, '', min(e.happened_at), max(e.happened_at), '', ''
FROM messaging_event e
    JOIN (VALUES ('email_unsubscribed', 'unsubscribe'), ('email_spam_report', 'complaint')) AS r (type, reason) USING (type)
WHERE e.campaign_id = %(campaign)s::uuid AND e.lead_email <> ''
GROUP BY e.lead_email, r.reason
ORDER BY e.lead_email, r.reason
ON CONFLICT (organization_id, email, reason) DO UPDATE SET
    first_at = least(s.first_at, excluded.first_at), last_at = greatest(s.last_at, excluded.last_at), updated_at = now()
WHERE excluded.first_at < s.first_at OR excluded.last_at > s.last_at
