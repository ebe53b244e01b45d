-- The gate: an event that is already in the log comes back in no row, and its changes are not applied again.
INSERT INTO messaging_event (id, organization_id, connection_id, campaign_id, contact_id, message_id, type, detail, origin,
    happened_at, step, variant, email_account, email_id, lead_email, first_name, last_name, company, interest)
SELECT id, organization_id, connection_id, campaign_id, contact_id, message_id, type, detail, origin,
    happened_at, step, variant, email_account, email_id, lead_email, first_name, last_name, company, interest
FROM json_to_recordset(%s::json) AS e (
    id bigint, organization_id uuid, connection_id uuid, campaign_id uuid, contact_id uuid, message_id uuid, type text, detail text,
    origin text, happened_at timestamptz, step int, variant int, email_account text, email_id text, lead_email text,
    first_name text, last_name text, company text, interest text)
ORDER BY id
ON CONFLICT (id) DO NOTHING
RETURNING id
