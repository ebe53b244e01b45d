-- Facts of contacts that decide what is to be done next: of each kind the latest one, with the day it names and the message it is from.
-- A person's correction decides whether a message counts as a person's; without one the provider's flag and triage do. Suppressions that
-- were lifted lift refusals only where no other one is in force.
WITH asked AS MATERIALIZED (
    -- LATERAL with LIMIT, here and below: one look-up by key for each, whatever the planner believes of policies and tables.
    SELECT c.* FROM unnest(%(contacts)s::uuid[]) AS a (id), LATERAL (SELECT * FROM messaging_contact WHERE id = a.id LIMIT 1) AS c
), mail AS MATERIALIZED (
    SELECT m.contact_id, m.id, m.happened_at AS at, m.direction, c.category, c.asks, c.asks_on, c.source = 'staff' AS is_corrected,
        m.direction = 'in' AND CASE WHEN c.source = 'staff' THEN c.category <> ALL (%(automatic)s)
            ELSE NOT m.is_auto_reply AND coalesce(c.category, '') <> ALL (%(automatic)s) END AS is_human
    FROM asked a, LATERAL (
        SELECT id, contact_id, organization_id, direction, is_auto_reply, happened_at FROM messaging_message
        WHERE organization_id = a.organization_id AND contact_id = a.id) AS m
        -- Only received mails have a category: the condition inside spares the look-up for all others.
        LEFT JOIN LATERAL (SELECT * FROM messaging_messagecategory WHERE m.direction = 'in' AND id = m.id LIMIT 1) AS c ON true
), suppression AS (
    SELECT a.id AS contact_id, max(s.last_at) FILTER (WHERE is_in_force) AS suppressed_at,
        CASE WHEN NOT bool_or(is_in_force) THEN max(s.lifted_at) END AS lifted_at
    FROM asked a, LATERAL (
        SELECT last_at, lifted_at FROM messaging_suppression
        WHERE organization_id = a.organization_id AND email = a.email LIMIT 100) AS s,
        LATERAL (SELECT s.lifted_at IS NULL OR s.last_at > s.lifted_at AS is_in_force) AS f
    GROUP BY a.id
), verdict AS (
    SELECT id AS contact_id, coalesce(staff_interest, interest) AS interest,
        CASE WHEN staff_interest IS NULL THEN interest_at ELSE staff_interest_at END AS at
    FROM asked
), fact (contact_id, kind, at, until, message_id) AS (
    SELECT contact_id, 'sent', at, NULL::date, id FROM mail WHERE direction = 'out'
    UNION ALL SELECT contact_id, 'replied', at, NULL, id FROM mail WHERE is_human
    UNION ALL SELECT contact_id, 'absent', at, asks_on, id FROM mail WHERE direction = 'in' AND NOT is_human AND asks = 'away'
    UNION ALL SELECT contact_id, 'promised', at, asks_on, id FROM mail WHERE is_human AND asks = 'wait_until'
    UNION ALL SELECT contact_id, 'interested', at, NULL, id FROM mail WHERE is_human AND category IN ('interested', 'meeting')
    UNION ALL SELECT contact_id, 'declined', at, NULL, id FROM mail
        WHERE is_human AND (category = 'not_interested' OR (asks = 'never' AND NOT is_corrected))
    UNION ALL SELECT contact_id, 'unsubscribed', at, NULL, id FROM mail WHERE direction = 'in' AND category = 'unsubscribe'
    UNION ALL SELECT contact_id, 'complained', at, NULL, id FROM mail WHERE direction = 'in' AND category = 'complaint'
    UNION ALL SELECT contact_id, 'interested', at, NULL, NULL FROM verdict WHERE interest = ANY (%(interested)s)
    UNION ALL SELECT contact_id, 'declined', at, NULL, NULL FROM verdict WHERE interest = 'lead_not_interested'
    UNION ALL SELECT id, 'interested', meeting_at, NULL, NULL FROM asked
    UNION ALL SELECT id, 'unsubscribed', unsubscribed_at, NULL, NULL FROM asked
    UNION ALL SELECT id, 'complained', complained_at, NULL, NULL FROM asked
    UNION ALL SELECT contact_id, 'suppressed', suppressed_at, NULL, NULL FROM suppression
    UNION ALL SELECT contact_id, 'lifted', lifted_at, NULL, NULL FROM suppression
)
SELECT f.contact_id, f.kind, f.at, f.until, f.message_id, c.asks, c.asks_on, c.asks_address, c.asks_words FROM (
    SELECT DISTINCT ON (contact_id, kind) contact_id, kind, at, until, message_id FROM fact WHERE at IS NOT NULL AND at <= %(now)s
    ORDER BY contact_id, kind, at DESC, until DESC NULLS LAST, message_id) AS f
    LEFT JOIN LATERAL (SELECT * FROM messaging_messagecategory WHERE id = f.message_id AND asks IS NOT NULL LIMIT 1) AS c ON true
