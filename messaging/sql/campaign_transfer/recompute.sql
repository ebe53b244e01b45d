-- What is known of people, from the events and messages they have now: the rules of contacts.sql over the whole log. Somebody
-- left with neither goes, with what staff said of them, unless people wrote something of their own there: a note, a label, a reply,
-- who takes care of the conversation. Then name and address stay, and no other fact. Phone and website are not in the log: they stay with the row that
-- was named last. Of whom only they are known, the last event that can have told them counts as the one that did.
WITH people AS MATERIALIZED (
    SELECT unnest(ARRAY[p.old_id, p.new_id]) AS id FROM json_to_recordset(%(people)s::json) AS p (old_id uuid, new_id uuid)
), logged AS MATERIALIZED (
    SELECT e.* FROM messaging_event e JOIN people p ON p.id = e.contact_id
), mailed AS (
    SELECT m.contact_id AS id, min(m.happened_at) AS seen_at,
        min(m.sent_at) FILTER (WHERE m.direction = 'in' AND NOT m.is_auto_reply AND m.kind = 'campaign') AS replied_at
    FROM messaging_message m JOIN people p ON p.id = m.contact_id
    WHERE m.id NOT IN (SELECT message_id FROM logged WHERE message_id IS NOT NULL AND origin <> ALL (%(ours)s::text[]))  -- known without an event
    GROUP BY m.contact_id
), named AS (
    SELECT DISTINCT ON (l.contact_id) l.contact_id AS id, l.first_name, l.last_name, l.company, l.happened_at AS named_at
    FROM logged l JOIN messaging_contact c ON c.id = l.contact_id
    WHERE l.type <> ALL (%(nameless)s::text[]) AND l.origin <> ALL (%(ours)s::text[])
        AND ((l.first_name, l.last_name, l.company) <> ('', '', '') OR c.phone <> '' OR c.website <> '')
    ORDER BY l.contact_id, (l.first_name, l.last_name, l.company) <> ('', '', '') DESC, l.happened_at DESC, l.first_name DESC,
        l.last_name DESC, l.company DESC
), interested AS (
    SELECT DISTINCT ON (contact_id) contact_id AS id, interest, happened_at AS interest_at FROM logged
    WHERE interest IS NOT NULL AND origin <> ALL (%(ours)s::text[])
    ORDER BY contact_id, happened_at DESC, interest DESC
), said AS (
    SELECT DISTINCT ON (contact_id) contact_id AS id, interest, CASE WHEN interest IS NOT NULL THEN happened_at END AS at FROM logged
    WHERE type = %(verdict)s::text
    ORDER BY contact_id, happened_at DESC, id DESC
), dated AS (
    SELECT contact_id AS id, min(happened_at) AS seen_at,
        min(happened_at) FILTER (WHERE type = 'reply_received') AS replied_at,
        min(happened_at) FILTER (WHERE type = 'email_bounced') AS bounced_at,
        min(happened_at) FILTER (WHERE type = 'email_unsubscribed') AS unsubscribed_at,
        min(happened_at) FILTER (WHERE type = 'email_spam_report') AS complained_at,
        min(happened_at) FILTER (WHERE type = 'lead_meeting_booked') AS meeting_at
    FROM logged WHERE origin <> ALL (%(ours)s::text[]) GROUP BY contact_id
), left_alone AS (
    SELECT p.id FROM people p WHERE p.id NOT IN (SELECT id FROM dated) AND p.id NOT IN (SELECT id FROM mailed)
), owned AS (
    SELECT c.id FROM messaging_contact c JOIN left_alone USING (id)
    WHERE EXISTS (SELECT FROM messaging_note n WHERE n.organization_id = c.organization_id AND n.contact_id = c.id)
        OR EXISTS (SELECT FROM messaging_contactlabel n WHERE n.organization_id = c.organization_id AND n.contact_id = c.id)
        OR EXISTS (SELECT FROM messaging_outboxmessage n WHERE n.organization_id = c.organization_id AND n.contact_id = c.id)
        OR EXISTS (SELECT FROM messaging_conversation n WHERE n.organization_id = c.organization_id AND n.id = c.id
            AND n.assignee_id IS NOT NULL)
), kept AS (
    UPDATE messaging_contact c SET interest = NULL, interest_at = NULL, replied_at = NULL, bounced_at = NULL, unsubscribed_at = NULL,
        complained_at = NULL, meeting_at = NULL, updated_at = now()
    FROM owned o WHERE c.id = o.id
), gone AS (
    DELETE FROM messaging_contact c USING left_alone l WHERE c.id = l.id AND l.id NOT IN (SELECT id FROM owned)
    RETURNING c.id
), unsaid AS (
    DELETE FROM messaging_event e USING logged l, gone g WHERE e.id = l.id AND l.contact_id = g.id
)
UPDATE messaging_contact c SET
    first_seen_at = least(d.seen_at, m.seen_at),
    first_name = n.first_name, last_name = n.last_name, company = n.company, named_at = n.named_at,
    phone = CASE WHEN n.named_at IS NOT NULL THEN coalesce(c.phone, '') END,
    website = CASE WHEN n.named_at IS NOT NULL THEN coalesce(c.website, '') END,
    interest = i.interest, interest_at = i.interest_at, staff_interest = s.interest, staff_interest_at = s.at,
    replied_at = least(d.replied_at, m.replied_at), bounced_at = d.bounced_at, unsubscribed_at = d.unsubscribed_at,
    complained_at = d.complained_at, meeting_at = d.meeting_at, updated_at = now()
FROM people p LEFT JOIN dated d USING (id) LEFT JOIN mailed m USING (id) LEFT JOIN named n USING (id)
    LEFT JOIN interested i USING (id) LEFT JOIN said s USING (id)
WHERE c.id = p.id AND (d.id IS NOT NULL OR m.id IS NOT NULL)
