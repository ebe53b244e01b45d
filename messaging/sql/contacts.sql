-- Names and interest are the latest by time (the greater text when two share the instant); all other dates are the earliest.
-- A contact that would not change is not touched, so a repeated open costs a look-up.
-- Latest-wins stores its instant even where the value is the same, or "no change" would break the order rule.
WITH change AS MATERIALIZED (
    SELECT * FROM json_to_recordset(%s::json) AS c (
        id uuid, organization_id uuid, email text, seen_at timestamptz,
        first_name text, last_name text, company text, phone text, website text, named_at timestamptz,
        interest text, interest_at timestamptz, replied_at timestamptz, bounced_at timestamptz, unsubscribed_at timestamptz,
        complained_at timestamptz, meeting_at timestamptz)
), known AS MATERIALIZED (
    -- Locked, so that what is passed over for their sake stays true: moving a campaign away takes facts back. The log's keys to
    -- contacts take the same lock at commit.
    -- LATERAL: one look-up by key for each, in key order, whatever the planner believes of the table.
    SELECT k.* FROM (SELECT DISTINCT id FROM change ORDER BY id) AS i,
        LATERAL (SELECT * FROM messaging_contact WHERE id = i.id FOR KEY SHARE) AS k
), named AS (
    SELECT DISTINCT ON (id) id, first_name, last_name, company, phone, website, named_at FROM change WHERE named_at IS NOT NULL
    ORDER BY id, named_at DESC, first_name DESC, last_name DESC, company DESC, phone DESC, website DESC
), interested AS (
    SELECT DISTINCT ON (id) id, interest, interest_at FROM change WHERE interest_at IS NOT NULL
    ORDER BY id, interest_at DESC, interest DESC
), dated AS (
    SELECT id, organization_id, email, min(seen_at) AS first_seen_at, min(replied_at) AS replied_at, min(bounced_at) AS bounced_at,
        min(unsubscribed_at) AS unsubscribed_at, min(complained_at) AS complained_at, min(meeting_at) AS meeting_at
    FROM change GROUP BY id, organization_id, email
)
INSERT INTO messaging_contact AS c (id, organization_id, email, first_seen_at, first_name, last_name, company, phone, website, named_at,
    interest, interest_at, replied_at, bounced_at, unsubscribed_at, complained_at, meeting_at)
SELECT id, d.organization_id, d.email, d.first_seen_at, n.first_name, n.last_name, n.company, n.phone, n.website, n.named_at,
    i.interest, i.interest_at, d.replied_at, d.bounced_at, d.unsubscribed_at, d.complained_at, d.meeting_at
FROM dated d LEFT JOIN named n USING (id) LEFT JOIN interested i USING (id) LEFT JOIN known USING (id)
WHERE known.id IS NULL
    OR n.named_at >= coalesce(known.named_at, '-infinity') OR i.interest_at >= coalesce(known.interest_at, '-infinity')
    OR d.first_seen_at < known.first_seen_at
    OR d.replied_at < coalesce(known.replied_at, 'infinity') OR d.bounced_at < coalesce(known.bounced_at, 'infinity')
    OR d.unsubscribed_at < coalesce(known.unsubscribed_at, 'infinity') OR d.complained_at < coalesce(known.complained_at, 'infinity')
    OR d.meeting_at < coalesce(known.meeting_at, 'infinity')
ORDER BY id
ON CONFLICT (id) DO UPDATE SET
    (first_name, last_name, company, phone, website, named_at) = (
        SELECT v.* FROM (VALUES (c.first_name, c.last_name, c.company, c.phone, c.website, c.named_at),
            (excluded.first_name, excluded.last_name, excluded.company, excluded.phone, excluded.website, excluded.named_at))
            AS v (first, last, company, phone, website, at)
        ORDER BY at DESC NULLS LAST, first DESC, last DESC, company DESC, phone DESC, website DESC LIMIT 1),
    (interest, interest_at) = (
        SELECT v.* FROM (VALUES (c.interest, c.interest_at), (excluded.interest, excluded.interest_at)) AS v (interest, at)
        ORDER BY at DESC NULLS LAST, interest DESC LIMIT 1),
    first_seen_at = least(c.first_seen_at, excluded.first_seen_at),
    replied_at = least(c.replied_at, excluded.replied_at),
    bounced_at = least(c.bounced_at, excluded.bounced_at),
    unsubscribed_at = least(c.unsubscribed_at, excluded.unsubscribed_at),
    complained_at = least(c.complained_at, excluded.complained_at),
    meeting_at = least(c.meeting_at, excluded.meeting_at),
    updated_at = now()
