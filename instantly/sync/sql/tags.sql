-- Writes the labels that assignment rules ask about onto the campaigns of a connection, where they differ; a campaign that is not
-- told of has none of them. Rows are locked in key order, as the event writer locks them. Neither digest nor `updated_at` changes.
WITH told AS MATERIALIZED (
    SELECT * FROM json_to_recordset(%(tags)s::json) AS t (provider_id text, tags jsonb)
), known AS MATERIALIZED (
    SELECT c.id, coalesce(t.tags, '[]') AS tags
    FROM campaigns_campaign c LEFT JOIN told t ON t.provider_id = c.provider_id
    WHERE c.connection_id = %(connection)s::uuid AND c.tags IS DISTINCT FROM coalesce(t.tags, '[]')
    ORDER BY c.id
    FOR NO KEY UPDATE OF c
)
UPDATE campaigns_campaign c SET tags = k.tags FROM known k WHERE c.id = k.id
