-- Writes campaigns as listed over what we have, in one statement: new ones in, different ones changed, equal ones not touched
-- but for a digest they lack, and those in `absent`, which a complete listing lacked, marked missing. Nothing is deleted, and
-- the organization of a row that exists never changes.
-- Status is the latest by time: a status an event told after the listing began stays, and such a row gets no digest, because it
-- does not say what was listed. Rows are locked in key order, as the event writer locks them, so that neither waits for the
-- other in a circle. The objects themselves (`stored`) come beside the list, so that they are read once: they are most of it.
-- Schedule and sequences are taken from them and stand in columns of their own; `raw` is the rest.
WITH objects AS MATERIALIZED (
    SELECT convert_from(stored, 'UTF8')::jsonb AS object, digest, place
    FROM unnest(%(stored)b::bytea[], %(digests)b::bytea[]) WITH ORDINALITY AS s (stored, digest, place)
), listed AS MATERIALIZED (
    SELECT l.*, o.digest, o.object - '{campaign_schedule,sequences}'::text[] AS raw,
        coalesce(nullif(o.object -> 'campaign_schedule', 'null'), '{}') AS schedule,
        coalesce(nullif(o.object -> 'sequences', 'null'), '[]') AS sequences
    FROM json_to_recordset(%(listed)s::json) AS l (
        place bigint, provider_id text, name text, status text, status_code integer, not_sending text, daily_limit integer,
        open_tracking boolean, link_tracking boolean, senders jsonb, provider_created_at timestamptz,
        provider_updated_at timestamptz)
    JOIN objects o USING (place)
), known AS MATERIALIZED (
    SELECT c.id, c.status AS old_status, l.provider_id IS NULL AS gone, c.missing_since IS NOT NULL AS was_missing,
        (c.status, c.status_code) IS NOT DISTINCT FROM (l.status, l.status_code) AS agrees,
        (c.status, c.status_code) IS DISTINCT FROM (l.status, l.status_code)
            AND coalesce(c.status_at < %(seen_at)s::timestamptz, true) AS restated,
        (c.name, c.not_sending, c.daily_limit, c.open_tracking, c.link_tracking, c.schedule, c.sequences, c.senders,
            c.provider_created_at, c.provider_updated_at, c.raw)
        IS DISTINCT FROM (l.name, l.not_sending, l.daily_limit, l.open_tracking, l.link_tracking, l.schedule, l.sequences,
            l.senders, l.provider_created_at, l.provider_updated_at, l.raw) AS differs
    FROM campaigns_campaign c LEFT JOIN listed l ON l.provider_id = c.provider_id
    WHERE c.connection_id = %(connection)s::uuid AND (l.provider_id IS NOT NULL
        OR c.provider_id = ANY (%(absent)s::text[]) AND c.missing_since IS NULL AND c.created_at < %(began_at)s::timestamptz)
    ORDER BY c.id
    FOR NO KEY UPDATE OF c
), updated AS (
    UPDATE campaigns_campaign c
    SET name = l.name,
        status = CASE WHEN k.restated THEN l.status ELSE c.status END,
        status_code = CASE WHEN k.restated THEN l.status_code ELSE c.status_code END,
        status_at = CASE WHEN k.restated THEN %(seen_at)s::timestamptz ELSE c.status_at END,
        not_sending = l.not_sending, daily_limit = l.daily_limit, open_tracking = l.open_tracking,
        link_tracking = l.link_tracking, schedule = l.schedule, sequences = l.sequences, senders = l.senders,
        provider_created_at = l.provider_created_at, provider_updated_at = l.provider_updated_at, raw = l.raw,
        digest = CASE WHEN k.agrees OR k.restated THEN l.digest END,
        missing_since = NULL, synced_at = %(seen_at)s::timestamptz, updated_at = clock_timestamp()
    FROM known k, listed l
    WHERE c.id = k.id AND l.provider_id = c.provider_id AND (k.was_missing OR k.differs OR k.restated)
    RETURNING c.id, c.provider_id, c.name, k.old_status, c.status, k.restated, k.was_missing
), noted AS (
    UPDATE campaigns_campaign c
    SET digest = l.digest
    FROM known k, listed l
    WHERE c.id = k.id AND l.provider_id = c.provider_id AND k.agrees AND NOT (k.was_missing OR k.differs)
        AND c.digest IS DISTINCT FROM l.digest
), missed AS (
    UPDATE campaigns_campaign c
    SET missing_since = %(seen_at)s::timestamptz, updated_at = clock_timestamp()
    FROM known k
    WHERE c.id = k.id AND k.gone
    RETURNING c.id, c.provider_id, c.name, c.status
), imported AS (
    INSERT INTO campaigns_campaign (
        organization_id, connection_id, provider, provider_id, name, status, status_code, status_at, not_sending, daily_limit,
        open_tracking, link_tracking, schedule, sequences, senders, provider_created_at, provider_updated_at, raw, digest,
        synced_at)
    SELECT %(organization)s::uuid, %(connection)s::uuid, %(provider)s::text, l.provider_id, l.name, l.status, l.status_code,
        %(seen_at)s::timestamptz, l.not_sending, l.daily_limit, l.open_tracking, l.link_tracking,
        l.schedule, l.sequences, l.senders, l.provider_created_at, l.provider_updated_at, l.raw, l.digest, %(seen_at)s::timestamptz
    FROM listed l
    WHERE NOT EXISTS (
        SELECT FROM campaigns_campaign c WHERE c.connection_id = %(connection)s::uuid AND c.provider_id = l.provider_id)
    ORDER BY l.provider_id
    ON CONFLICT (connection_id, provider_id) DO NOTHING
    RETURNING id, provider_id, name, status
)
SELECT 'imported', id, provider_id, name, NULL, status, false, false FROM imported
UNION ALL SELECT 'updated', id, provider_id, name, old_status, status, restated, was_missing FROM updated
UNION ALL SELECT 'missing', id, provider_id, name, status, status, false, false FROM missed
