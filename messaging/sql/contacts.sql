-- Names and interest are the latest by time (the greater text when two share the instant); all other dates are the earliest.
-- A contact that would not change is not touched, so a repeated open costs a look-up.
-- Latest-wins stores its instant even where the value is the same, or "no change" would break the order rule.
-- Insert, or lock and update, and not one ON CONFLICT DO UPDATE: that waits on a second unique index with a half inserted row in its
-- hands, and two workers that meet a person for the first time in the same moment waited in a circle. Without a target nothing is
-- waited for in that state. A row that another worker inserted in between is in neither and comes back.
WITH change AS MATERIALIZED (
    SELECT * FROM json_to_recordset(%s::json) AS c (
        id uuid, organization_id uuid, email text, seen_at timestamptz,
        first_name text, last_name text, company text, phone text, website text, named_at timestamptz,
        interest text, interest_at timestamptz, replied_at timestamptz, bounced_at timestamptz, unsubscribed_at timestamptz,
        complained_at timestamptz, meeting_at timestamptz, converses boolean)
), named AS (
    SELECT DISTINCT ON (id) id, first_name, last_name, company, phone, website, named_at FROM change WHERE named_at IS NOT NULL
    ORDER BY id, named_at DESC, first_name DESC, last_name DESC, company DESC, phone DESC, website DESC
), interested AS (
    SELECT DISTINCT ON (id) id, interest, interest_at FROM change WHERE interest_at IS NOT NULL
    ORDER BY id, interest_at DESC, interest DESC
), dated AS (
    SELECT id, organization_id, email, min(seen_at) AS first_seen_at, min(replied_at) AS replied_at, min(bounced_at) AS bounced_at,
        min(unsubscribed_at) AS unsubscribed_at, min(complained_at) AS complained_at, min(meeting_at) AS meeting_at, bool_or(converses) AS converses
    FROM change GROUP BY id, organization_id, email
), incoming AS MATERIALIZED (
    SELECT * FROM dated LEFT JOIN named USING (id) LEFT JOIN interested USING (id)
), known AS MATERIALIZED (
    -- Locked, so that what is passed over for their sake stays true: moving a campaign away takes facts back. The log's keys to
    -- contacts take the same lock at commit.
    -- LATERAL: one look-up by key for each, in key order, whatever the planner believes of the table.
    SELECT k.* FROM (SELECT id FROM incoming ORDER BY id) AS i,
        LATERAL (SELECT * FROM messaging_contact WHERE id = i.id FOR KEY SHARE) AS k
), inserted AS (
    INSERT INTO messaging_contact (id, organization_id, email, first_seen_at, first_name, last_name, company, phone, website, named_at,
        interest, interest_at, replied_at, bounced_at, unsubscribed_at, complained_at, meeting_at)
    SELECT id, organization_id, email, first_seen_at, first_name, last_name, company, phone, website, named_at,
        interest, interest_at, replied_at, bounced_at, unsubscribed_at, complained_at, meeting_at
    FROM incoming WHERE id NOT IN (SELECT id FROM known) ORDER BY id
    ON CONFLICT DO NOTHING
    RETURNING id
), changing AS MATERIALIZED (
    -- As they are once they are locked, after `inserted`: who waits here holds nothing that one who inserts could wait for.
    -- With them those whose conversation may change, which one transaction at a time works out (conversation/refresh.sql).
    SELECT k.*, i.differs FROM (SELECT * FROM (
            SELECT i.id, i.converses, coalesce(
                i.named_at >= coalesce(known.named_at, '-infinity') OR i.interest_at >= coalesce(known.interest_at, '-infinity')
                OR i.first_seen_at < known.first_seen_at
                OR i.replied_at < coalesce(known.replied_at, 'infinity') OR i.bounced_at < coalesce(known.bounced_at, 'infinity')
                OR i.unsubscribed_at < coalesce(known.unsubscribed_at, 'infinity')
                OR i.complained_at < coalesce(known.complained_at, 'infinity')
                OR i.meeting_at < coalesce(known.meeting_at, 'infinity'), false) AS differs
            FROM incoming i JOIN known USING (id)) AS i
            WHERE (SELECT count(*) FROM inserted) >= 0 AND (i.differs OR i.converses) ORDER BY i.id) AS i,
        LATERAL (SELECT * FROM messaging_contact WHERE id = i.id FOR NO KEY UPDATE) AS k
), updated AS (
    UPDATE messaging_contact AS c SET
        (first_name, last_name, company, phone, website, named_at) = (
            SELECT v.* FROM (VALUES (k.first_name, k.last_name, k.company, k.phone, k.website, k.named_at),
                (i.first_name, i.last_name, i.company, i.phone, i.website, i.named_at))
                AS v (first, last, company, phone, website, at)
            ORDER BY at DESC NULLS LAST, first DESC, last DESC, company DESC, phone DESC, website DESC LIMIT 1),
        (interest, interest_at) = (
            SELECT v.* FROM (VALUES (k.interest, k.interest_at), (i.interest, i.interest_at)) AS v (interest, at)
            ORDER BY at DESC NULLS LAST, interest DESC LIMIT 1),
        first_seen_at = least(k.first_seen_at, i.first_seen_at),
        replied_at = least(k.replied_at, i.replied_at),
        bounced_at = least(k.bounced_at, i.bounced_at),
        unsubscribed_at = least(k.unsubscribed_at, i.unsubscribed_at),
        complained_at = least(k.complained_at, i.complained_at),
        meeting_at = least(k.meeting_at, i.meeting_at),
        updated_at = now()
    FROM incoming i JOIN changing k USING (id)
    WHERE c.id = k.id AND k.differs AND c.id = ANY (ARRAY(SELECT id FROM changing WHERE differs))  -- or a small table is read through, by its key
)
SELECT ARRAY(SELECT id FROM incoming EXCEPT (SELECT id FROM inserted UNION ALL SELECT id FROM known)) AS missed
