-- Writes email accounts as listed over what we have, in one statement: see campaigns.sql, which this repeats for accounts.
-- Their key is the address in lower case; `provider_id` has it as its owner typed it.
WITH listed AS MATERIALIZED (
    SELECT l.*, s.digest, convert_from(s.stored, 'UTF8')::jsonb AS raw
    FROM json_to_recordset(%(listed)s::json) AS l (
        place bigint, address text, provider_id text, first_name text, last_name text, status text, status_code integer,
        status_reason text, warmup_status text, warmup_status_code integer, warmup_limit integer,
        warmup_score double precision, daily_limit integer, sending_gap integer, mail_provider text,
        mail_provider_code integer, smtp_host text, imap_host text, provider_created_at timestamptz,
        provider_updated_at timestamptz)
    JOIN unnest(%(stored)b::bytea[], %(digests)b::bytea[]) WITH ORDINALITY AS s (stored, digest, place) USING (place)
), known AS MATERIALIZED (
    SELECT a.id, a.status AS old_status, l.address IS NULL AS gone, a.missing_since IS NOT NULL AS was_missing,
        (a.status, a.status_code, a.status_reason) IS NOT DISTINCT FROM (l.status, l.status_code, l.status_reason) AS agrees,
        (a.status, a.status_code, a.status_reason) IS DISTINCT FROM (l.status, l.status_code, l.status_reason)
            AND coalesce(a.status_at < %(seen_at)s::timestamptz, true) AS restated,
        (a.provider_id, a.first_name, a.last_name, a.warmup_status, a.warmup_status_code, a.warmup_limit, a.warmup_score,
            a.daily_limit, a.sending_gap, a.mail_provider, a.mail_provider_code, a.smtp_host, a.imap_host,
            a.provider_created_at, a.provider_updated_at, a.raw)
        IS DISTINCT FROM (l.provider_id, l.first_name, l.last_name, l.warmup_status, l.warmup_status_code, l.warmup_limit,
            l.warmup_score, l.daily_limit, l.sending_gap, l.mail_provider, l.mail_provider_code, l.smtp_host, l.imap_host,
            l.provider_created_at, l.provider_updated_at, l.raw) AS differs
    FROM accounts_emailaccount a LEFT JOIN listed l ON l.address = a.address
    WHERE a.connection_id = %(connection)s::uuid AND (l.address IS NOT NULL
        OR a.address = ANY (%(absent)s::text[]) AND a.missing_since IS NULL AND a.created_at < %(began_at)s::timestamptz)
    ORDER BY a.id
    FOR NO KEY UPDATE OF a
), updated AS (
    UPDATE accounts_emailaccount a
    SET provider_id = l.provider_id, first_name = l.first_name, last_name = l.last_name,
        status = CASE WHEN k.restated THEN l.status ELSE a.status END,
        status_code = CASE WHEN k.restated THEN l.status_code ELSE a.status_code END,
        status_at = CASE WHEN k.restated THEN %(seen_at)s::timestamptz ELSE a.status_at END,
        status_reason = CASE WHEN k.restated THEN l.status_reason ELSE a.status_reason END,
        warmup_status = l.warmup_status, warmup_status_code = l.warmup_status_code, warmup_limit = l.warmup_limit,
        warmup_score = l.warmup_score, daily_limit = l.daily_limit, sending_gap = l.sending_gap,
        mail_provider = l.mail_provider, mail_provider_code = l.mail_provider_code,
        smtp_host = l.smtp_host, imap_host = l.imap_host,
        provider_created_at = l.provider_created_at, provider_updated_at = l.provider_updated_at, raw = l.raw,
        digest = CASE WHEN k.agrees OR k.restated THEN l.digest END,
        missing_since = NULL, synced_at = %(seen_at)s::timestamptz, updated_at = clock_timestamp()
    FROM known k, listed l
    WHERE a.id = k.id AND l.address = a.address AND (k.was_missing OR k.differs OR k.restated)
    RETURNING a.id, a.address, k.old_status, a.status, k.restated, k.was_missing
), noted AS (
    UPDATE accounts_emailaccount a
    SET digest = l.digest
    FROM known k, listed l
    WHERE a.id = k.id AND l.address = a.address AND k.agrees AND NOT (k.was_missing OR k.differs)
        AND a.digest IS DISTINCT FROM l.digest
), missed AS (
    UPDATE accounts_emailaccount a
    SET missing_since = %(seen_at)s::timestamptz, updated_at = clock_timestamp()
    FROM known k
    WHERE a.id = k.id AND k.gone
    RETURNING a.id, a.address, a.status
), imported AS (
    INSERT INTO accounts_emailaccount (
        organization_id, connection_id, provider, address, provider_id, first_name, last_name, status, status_code, status_at,
        status_reason, warmup_status, warmup_status_code, warmup_limit, warmup_score, daily_limit, sending_gap, mail_provider,
        mail_provider_code, smtp_host, imap_host, provider_created_at, provider_updated_at, raw, digest, synced_at)
    SELECT %(organization)s::uuid, %(connection)s::uuid, %(provider)s::text, l.address, l.provider_id, l.first_name,
        l.last_name, l.status, l.status_code, %(seen_at)s::timestamptz, l.status_reason, l.warmup_status,
        l.warmup_status_code, l.warmup_limit, l.warmup_score, l.daily_limit, l.sending_gap, l.mail_provider,
        l.mail_provider_code, l.smtp_host, l.imap_host, l.provider_created_at, l.provider_updated_at, l.raw, l.digest,
        %(seen_at)s::timestamptz
    FROM listed l
    WHERE NOT EXISTS (
        SELECT FROM accounts_emailaccount a WHERE a.connection_id = %(connection)s::uuid AND a.address = l.address)
    ORDER BY l.address
    ON CONFLICT (connection_id, address) DO NOTHING
    RETURNING id, address, status
)
SELECT 'imported', id, address, address, NULL, status, false, false FROM imported
UNION ALL SELECT 'updated', id, address, address, old_status, status, restated, was_missing FROM updated
UNION ALL SELECT 'missing', id, address, address, status, status, false, false FROM missed
