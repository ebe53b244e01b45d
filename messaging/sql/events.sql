-- The gate: an event that is already in the log comes back in no row, and its changes are not applied again.
-- Whoever finds nobody numbering gives its events their positions at once and keeps others from it until it commits, so that positions
-- are in the order of commits; else they are NULL and come later (number_events.sql), which writes the row and all its keys again.
WITH turn AS MATERIALIZED (SELECT pg_try_advisory_xact_lock({numbering_lock}) AS is_ours)
INSERT INTO messaging_event (id, organization_id, connection_id, campaign_id, contact_id, message_id, type, detail, origin,
    happened_at, step, variant, email_account, email_id, lead_email, first_name, last_name, company, interest,
    position)
SELECT id, organization_id, connection_id, campaign_id, contact_id, message_id, type, detail, origin,
    happened_at, step, variant, email_account, email_id, lead_email, first_name, last_name, company, interest,
    CASE WHEN (SELECT is_ours FROM turn) THEN nextval('messaging_event_position') END
FROM (SELECT * FROM json_to_recordset(%s::json) AS e (
    id bigint, organization_id uuid, connection_id uuid, campaign_id uuid, contact_id uuid, message_id uuid, type text, detail text,
    origin text, happened_at timestamptz, step int, variant int, email_account text, email_id text, lead_email text,
    first_name text, last_name text, company text, interest text)
    ORDER BY id) AS e
ON CONFLICT (id) DO NOTHING
RETURNING id
