-- Whether received messages are unread, by the ids Instantly listed as unread. The others were read, if the list was `complete`, but
-- for mails so new that they may not have been listed. A message without an id stays unknown. Locked in key order, as writers do.
WITH unread AS MATERIALIZED (
    SELECT DISTINCT id FROM json_array_elements_text(%(unread)s::json) AS id
), ours AS MATERIALIZED (
    SELECT id, organization_id FROM campaigns_campaign WHERE connection_id = %(connection)s::uuid
), changing AS (
    SELECT m.id, true AS is_unread FROM (SELECT DISTINCT organization_id FROM ours) AS o, unread u, messaging_message m
    WHERE m.organization_id = o.organization_id AND m.email_id = u.id AND m.direction = 'in' AND m.is_unread IS DISTINCT FROM true
        AND m.campaign_id IN (SELECT id FROM ours)
    UNION ALL
    SELECT m.id, false FROM ours, messaging_message m
    WHERE %(complete)s::boolean AND m.organization_id = ours.organization_id AND m.campaign_id = ours.id AND m.direction = 'in'
        AND (m.is_unread OR m.is_unread IS NULL) AND m.email_id IS NOT NULL AND m.sent_at < %(before)s::timestamptz
        AND m.email_id NOT IN (SELECT id FROM unread)
), locked AS MATERIALIZED (
    SELECT id FROM messaging_message WHERE id IN (SELECT id FROM changing) ORDER BY id FOR NO KEY UPDATE
), changed AS (
    UPDATE messaging_message m SET is_unread = c.is_unread, updated_at = now()
    FROM locked l JOIN changing c USING (id) WHERE m.id = l.id
    RETURNING m.id
)
SELECT count(*) FROM changed
