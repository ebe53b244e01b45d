-- Takes the differences away, row by row where there is one. A row that only has zeros then goes.
WITH difference AS MATERIALIZED ({differences_of_all}
), corrected AS (
    UPDATE messaging_dailystats s SET {corrected} FROM difference d WHERE s.id = d.id
    RETURNING s.id
), added AS (
    INSERT INTO messaging_dailystats (organization_id, campaign_id, email_account, day, step, variant, {figures})
    SELECT organization_id, campaign_id, email_account, day, step, variant, {added} FROM difference d WHERE d.id IS NULL
    ORDER BY organization_id, campaign_id, email_account, day, step, variant
    RETURNING id
)
SELECT * FROM difference
