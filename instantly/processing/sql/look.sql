-- Bodies of the oldest pending deliveries: small ones all, large ones up to a number of bytes, the first whatever its size; with how many
-- were considered. Nothing is locked: they are read outside of a transaction, and claim.sql takes those that are pending still. What
-- another worker announced is left to it for 30 seconds; after that it may hang, and two workers that read the same body record it once.
SELECT id, coalesce(cleaned, convert_from(body, 'UTF8')), version, considered FROM (
    SELECT d.id, d.body, d.cleaned, d.xmin::text AS version, size, count(*) OVER () AS considered,
        coalesce(sum(CASE WHEN size > %s THEN size ELSE 0 END) OVER (ORDER BY d.id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0)
            AS large_before
    FROM instantly_delivery d, LATERAL (SELECT coalesce(octet_length(d.cleaned), octet_length(d.body), 0) AS size) AS s
    WHERE d.id = ANY (ARRAY(
        SELECT delivery_id FROM instantly_pending
        WHERE (%s::bigint[] IS NULL OR delivery_id = ANY (%s::bigint[])) AND delivery_id <> ALL (%s::bigint[])
            AND (%s::bigint IS NULL OR delivery_id NOT IN (
                SELECT jsonb_array_elements_text(b.delivery_ids)::bigint FROM instantly_workerbatch b
                WHERE b.worker <> %s AND b.started_at > now() - interval '30 seconds'))
        ORDER BY delivery_id LIMIT %s))
) AS oldest
WHERE size <= %s OR large_before < %s
ORDER BY id LIMIT %s
