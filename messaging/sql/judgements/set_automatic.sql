-- Replies that are judged anew: their events, their messages, and what follows for the mail they answer and for the person. All from the
-- log, by the rules of contacts.sql and messages.sql: a mail told as both is a human's, replied is the earliest human reply.
WITH judged AS MATERIALIZED (
    SELECT * FROM json_to_recordset(%(events)s::json) AS j (id bigint, type text)
), events AS (
    UPDATE messaging_event e SET type = j.type FROM judged j WHERE e.id = j.id AND e.type <> j.type
    RETURNING e.organization_id, e.campaign_id, e.contact_id, e.message_id, e.step, e.variant
)
SELECT organization_id, campaign_id, contact_id, message_id, step, variant FROM events
