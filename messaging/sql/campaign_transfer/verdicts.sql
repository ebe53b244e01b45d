-- What people said of the contacts and of the state of their conversations goes along, in the order in which it was said; whoever stays
-- in the old organization as well keeps it there too. What is in the new one already came with another campaign. Notes, labels and who
-- takes care of a conversation stay with the organization that wrote them.
INSERT INTO messaging_event (id, organization_id, contact_id, type, detail, origin, happened_at, step, variant, email_account, email_id,
    lead_email, first_name, last_name, company, interest, payload)
SELECT sb_event_id(), %(organization)s::uuid, new_id, type, detail, origin, happened_at, step, variant, email_account, email_id,
    lead_email, first_name, last_name, company, interest, payload
FROM (
    SELECT p.new_id, e.*
    FROM json_to_recordset(%(people)s::json) AS p (old_id uuid, new_id uuid)
        JOIN messaging_event e ON e.organization_id = %(before)s::uuid AND e.contact_id = p.old_id AND e.type = ANY (%(said)s::text[])
    WHERE NOT EXISTS (
        SELECT FROM messaging_event n
        WHERE n.organization_id = %(organization)s::uuid AND n.contact_id = p.new_id
            AND (n.type, n.happened_at, n.detail) = (e.type, e.happened_at, e.detail))
    ORDER BY e.happened_at, e.id) AS said
