-- How many received mails have a delivery in the log of which no body is stored any more (retention, erasure).
SELECT count(*) FROM messaging_message m
WHERE m.direction = 'in' AND (%(organization)s::uuid IS NULL OR m.organization_id = %(organization)s::uuid)
    AND EXISTS (SELECT FROM messaging_event e JOIN instantly_delivery d ON d.id = e.id
        WHERE e.organization_id = m.organization_id AND e.message_id = m.id AND e.happened_at = m.text_at
            AND e.type = ANY (%(received)s::text[]))
    AND NOT EXISTS (SELECT FROM messaging_event e JOIN instantly_delivery d ON d.id = e.id
        WHERE e.organization_id = m.organization_id AND e.message_id = m.id AND e.happened_at = m.text_at
            AND e.type = ANY (%(received)s::text[]) AND (d.cleaned IS NOT NULL OR d.body IS NOT NULL))
