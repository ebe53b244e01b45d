-- Status: the latest by time, the greater text when two share the instant. An email account no sync has seen yet is made here, whose
-- its connection is: in a shared workspace the house's, as a sync makes it, also where the event names somebody's campaign.
INSERT INTO accounts_emailaccount AS a (connection_id, address, organization_id, provider, provider_id, first_name, last_name,
    status, status_at, status_reason, warmup_status, mail_provider, smtp_host, imap_host, raw)
SELECT DISTINCT ON (c.connection_id, c.address) c.connection_id, c.address,
    coalesce(p.organization_id, (SELECT id FROM accounts_organization WHERE is_house)), p.provider, c.address, '', '',
    c.status, c.status_at, c.reason, 'unknown', 'unknown', '', '', '{}'
FROM json_to_recordset(%s::json) AS c (connection_id uuid, address text, status text, status_at timestamptz, reason text)
    JOIN accounts_providerconnection p ON p.id = c.connection_id
ORDER BY c.connection_id, c.address, c.status_at DESC, c.status DESC, c.reason DESC
ON CONFLICT (connection_id, address) DO UPDATE SET
    status = excluded.status, status_at = excluded.status_at, status_reason = excluded.status_reason, status_code = NULL, updated_at = now()
WHERE coalesce((excluded.status_at, excluded.status, excluded.status_reason) > (a.status_at, a.status, a.status_reason), true)
