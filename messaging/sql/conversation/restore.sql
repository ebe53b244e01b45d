-- What people last said of these contacts' conversations, as the log has it: after a move, an erasure or a merge, when the events of a
-- contact are not what they were. Who takes care of one is not told to another organization, so the log's order decides there; states
-- and read marks come along, so time does.
WITH held AS MATERIALIZED (
    SELECT k.* FROM (SELECT id FROM unnest(%(contacts)s::uuid[]) AS a (id) ORDER BY id) AS a,
        LATERAL (SELECT id, organization_id FROM messaging_conversation WHERE id = a.id FOR NO KEY UPDATE) AS k
), said AS (
    SELECT h.id AS contact, e.*
    FROM held h, LATERAL (
        SELECT id AS event, type, happened_at, payload FROM messaging_event
        WHERE organization_id = h.organization_id AND contact_id = h.id AND type = ANY (%(words)s::text[])) AS e
), state AS (
    SELECT DISTINCT ON (contact) * FROM said WHERE type = ANY (%(states)s::text[]) ORDER BY contact, happened_at DESC, event DESC
), mark AS (
    SELECT DISTINCT ON (contact) * FROM said WHERE type = ANY (%(marks)s::text[]) ORDER BY contact, happened_at DESC, event DESC
), care AS (
    SELECT DISTINCT ON (contact) * FROM said WHERE type = %(assigned)s ORDER BY contact, event DESC
)
UPDATE messaging_conversation c SET
    chosen_state = s.payload ->> 'state', chosen_reason = coalesce(s.payload ->> 'reason', ''),
    chosen_until = (s.payload ->> 'until')::timestamptz, chosen_at = s.happened_at, chosen_seen = (s.payload ->> 'seen')::bigint,
    chosen_replies = (s.payload ->> 'replies')::int,
    read_at = m.happened_at, read_seen = (m.payload ->> 'seen')::bigint, read_replies = (m.payload ->> 'replies')::int,
    assignee_id = (a.payload ->> 'assignee')::uuid
FROM held h LEFT JOIN state s ON s.contact = h.id LEFT JOIN mark m ON m.contact = h.id LEFT JOIN care a ON a.contact = h.id
WHERE c.id = h.id
