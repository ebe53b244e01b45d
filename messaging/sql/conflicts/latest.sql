-- People and companies that several customers write to, of the newest contacts of each (`most`). An address or a domain is compared as it
-- is stored, which is its canonical form; who was erased has another one in every organization. Domains of free mail providers are no
-- company's. One statement reads each customer's part by its index (organization_id, updated_at DESC, id) once.
WITH looked_at AS MATERIALIZED (
    SELECT o.id AS organization_id, c.email, split_part(c.email, '@', 2) AS domain
    FROM accounts_organization o CROSS JOIN LATERAL (
        SELECT m.email FROM messaging_contact m WHERE m.organization_id = o.id ORDER BY m.updated_at DESC, m.id LIMIT %(most)s
    ) c
    WHERE o.is_active AND NOT o.is_house
), people AS (
    SELECT 'person' AS kind, email AS name, array_agg(organization_id ORDER BY organization_id) AS organizations,
        array_fill(1, ARRAY[count(*)::int]) AS contacts, count(*) AS customers, count(*) AS total
    FROM looked_at GROUP BY email HAVING count(*) > 1
    ORDER BY customers DESC, name LIMIT %(listed)s
), by_domain AS (
    SELECT domain, organization_id, count(*)::int AS contacts FROM looked_at
    WHERE domain <> '' AND domain <> ALL (%(free_mail)s::text[]) GROUP BY domain, organization_id
), companies AS (
    SELECT 'company' AS kind, domain AS name, array_agg(organization_id ORDER BY organization_id) AS organizations,
        array_agg(contacts ORDER BY organization_id) AS contacts, count(*) AS customers, sum(contacts) AS total
    FROM by_domain GROUP BY domain HAVING count(*) > 1
    ORDER BY customers DESC, total DESC, name LIMIT %(listed)s
)
SELECT * FROM people UNION ALL SELECT * FROM companies
