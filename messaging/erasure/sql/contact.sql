-- The anonymous contact: what was counted of the person and nothing that says who it was. Where there is one already (somebody came
-- back under the address by another way), both are one: the earliest dates, the latest interest.
INSERT INTO messaging_contact AS c (id, organization_id, email, interest, interest_at, staff_interest, staff_interest_at, first_seen_at,
    replied_at, bounced_at, unsubscribed_at, complained_at, meeting_at)
SELECT %(new_id)s::uuid, organization_id, %(alias)s, interest, interest_at,
    CASE WHEN staff_interest <> ALL (%(words)s) THEN %(label)s ELSE staff_interest END, staff_interest_at, first_seen_at,
    replied_at, bounced_at, unsubscribed_at, complained_at, meeting_at
FROM messaging_contact WHERE id = %(old_id)s::uuid AND organization_id = %(organization)s::uuid
ON CONFLICT (id) DO UPDATE SET
    interest = CASE WHEN excluded.interest_at > coalesce(c.interest_at, '-infinity') THEN excluded.interest ELSE c.interest END,
    interest_at = greatest(c.interest_at, excluded.interest_at),
    staff_interest = CASE WHEN excluded.staff_interest_at > coalesce(c.staff_interest_at, '-infinity')
        THEN excluded.staff_interest ELSE c.staff_interest END,
    staff_interest_at = greatest(c.staff_interest_at, excluded.staff_interest_at),
    first_seen_at = least(c.first_seen_at, excluded.first_seen_at),
    replied_at = least(c.replied_at, excluded.replied_at), bounced_at = least(c.bounced_at, excluded.bounced_at),
    unsubscribed_at = least(c.unsubscribed_at, excluded.unsubscribed_at),
    complained_at = least(c.complained_at, excluded.complained_at), meeting_at = least(c.meeting_at, excluded.meeting_at),
    updated_at = now()
