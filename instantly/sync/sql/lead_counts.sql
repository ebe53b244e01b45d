-- Writes the leads of campaigns as the provider counts them, where they differ; a campaign that is not told of keeps what it has.
-- Rows are locked in key order, as the event writer locks them. Neither digest nor `updated_at` changes: no object of the API has these.
WITH counted AS MATERIALIZED (
    SELECT * FROM json_to_recordset(%(counts)s::json) AS l (
        provider_id text, leads_count integer, contacted_count integer, completed_count integer)
), known AS MATERIALIZED (
    SELECT c.id, l.leads_count, l.contacted_count, l.completed_count
    FROM campaigns_campaign c JOIN counted l ON l.provider_id = c.provider_id
    WHERE c.connection_id = %(connection)s::uuid
        AND (c.leads_count, c.contacted_count, c.completed_count)
            IS DISTINCT FROM (l.leads_count, l.contacted_count, l.completed_count)
    ORDER BY c.id
    FOR NO KEY UPDATE OF c
)
UPDATE campaigns_campaign c
SET leads_count = k.leads_count, contacted_count = k.contacted_count, completed_count = k.completed_count
FROM known k
WHERE c.id = k.id
