-- People and companies that several customers write to, of the newest contacts of each (`most`). An address or a domain is compared as it
-- is stored, which is its canonical form; who was erased has another one in every organization. Domains of free mail providers are no
-- company's. Whoever has only one customer falls out by a count in a hash table; only what is left is sorted and put together.
WITH looked_at AS MATERIALIZED (
    SELECT o.id AS organization_id, c.email, split_part(c.email, '@', 2) AS domain
    FROM accounts_organization o CROSS JOIN LATERAL (
        SELECT m.email FROM messaging_contact m WHERE m.organization_id = o.id ORDER BY m.updated_at DESC, m.id LIMIT %(most)s
    ) c
    WHERE o.is_active AND NOT o.is_house
), shared_people AS MATERIALIZED (
    SELECT email, count(*) AS customers FROM looked_at GROUP BY email HAVING count(*) > 1
), people AS (
    SELECT email, customers FROM shared_people ORDER BY customers DESC, email COLLATE "C" LIMIT %(listed)s
), by_domain AS MATERIALIZED (
    SELECT domain, organization_id, count(*)::int AS contacts FROM looked_at WHERE domain <> '' GROUP BY domain, organization_id
), shared_domains AS MATERIALIZED (
    SELECT domain, count(*) AS customers, sum(contacts) AS total FROM by_domain GROUP BY domain HAVING count(*) > 1
), companies AS (
    SELECT domain, customers, total FROM shared_domains WHERE domain <> ALL (%(free_mail)s::text[])
    ORDER BY customers DESC, total DESC, domain COLLATE "C" LIMIT %(listed)s
), told AS (
    SELECT 1 AS part, 'person' AS kind, p.email AS name, p.customers, 0::numeric AS total,
        array_agg(l.organization_id) AS organizations, array_agg(1) AS contacts
    FROM people p JOIN looked_at l USING (email) GROUP BY p.email, p.customers
    UNION ALL
    SELECT 2, 'company', c.domain, c.customers, c.total, array_agg(d.organization_id), array_agg(d.contacts)
    FROM companies c JOIN by_domain d USING (domain) GROUP BY c.domain, c.customers, c.total
)
SELECT kind, name, organizations, contacts FROM told ORDER BY part, customers DESC, total DESC, name COLLATE "C"
