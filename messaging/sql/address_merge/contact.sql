-- The contact under its canonical address. Where there is one already, both are one: names, interest and verdict are the latest, dates the
-- earliest (contacts.sql).
INSERT INTO messaging_contact AS c (id, organization_id, email, first_name, last_name, company, phone, website, named_at, interest,
    interest_at, staff_interest, staff_interest_at, first_seen_at, replied_at, bounced_at, unsubscribed_at, complained_at, meeting_at,
    created_at)
SELECT %(new_id)s::uuid, organization_id, %(address)s, first_name, last_name, company, phone, website, named_at, interest,
    interest_at, staff_interest, staff_interest_at, first_seen_at, replied_at, bounced_at, unsubscribed_at, complained_at, meeting_at,
    created_at
FROM messaging_contact WHERE id = %(old_id)s::uuid AND organization_id = %(organization)s::uuid
ON CONFLICT (id) DO UPDATE SET
    (first_name, last_name, company, phone, website, named_at) = (
        SELECT v.* FROM (VALUES (c.first_name, c.last_name, c.company, c.phone, c.website, c.named_at),
            (excluded.first_name, excluded.last_name, excluded.company, excluded.phone, excluded.website, excluded.named_at))
            AS v (first, last, company, phone, website, at)
        ORDER BY at DESC NULLS LAST, first DESC, last DESC, company DESC, phone DESC, website DESC LIMIT 1),
    (interest, interest_at) = (
        SELECT v.* FROM (VALUES (c.interest, c.interest_at), (excluded.interest, excluded.interest_at)) AS v (interest, at)
        ORDER BY at DESC NULLS LAST, interest DESC LIMIT 1),
    (staff_interest, staff_interest_at) = (
        SELECT v.* FROM (VALUES (c.staff_interest, c.staff_interest_at), (excluded.staff_interest, excluded.staff_interest_at))
            AS v (interest, at)
        ORDER BY at DESC NULLS LAST, interest DESC LIMIT 1),
    first_seen_at = least(c.first_seen_at, excluded.first_seen_at), replied_at = least(c.replied_at, excluded.replied_at),
    bounced_at = least(c.bounced_at, excluded.bounced_at), unsubscribed_at = least(c.unsubscribed_at, excluded.unsubscribed_at),
    complained_at = least(c.complained_at, excluded.complained_at), meeting_at = least(c.meeting_at, excluded.meeting_at),
    created_at = least(c.created_at, excluded.created_at), updated_at = now()
