-- What the leads of a campaign say of people who are contacts; the lead that changed last wins. KEY SHARE on the campaign: it does not
-- move to another organization before we have ended, or we wait and see where it went.
WITH owner AS MATERIALIZED (
    SELECT organization_id FROM campaigns_campaign WHERE id = %(campaign)s FOR KEY SHARE
), told AS MATERIALIZED (
    SELECT DISTINCT ON (email) * FROM json_to_recordset(%(rows)s::json)
        AS r (email text, told_at timestamptz, variables jsonb, left_out jsonb)
    ORDER BY email, told_at DESC
), person AS MATERIALIZED (
    SELECT c.id, c.organization_id, t.* FROM told t CROSS JOIN owner o
        CROSS JOIN LATERAL (
            SELECT id, organization_id FROM messaging_contact WHERE organization_id = o.organization_id AND email = t.email
            FOR KEY SHARE
        ) AS c
)
INSERT INTO messaging_contactvariables AS v (id, organization_id, campaign_id, variables, left_out, told_at)
SELECT id, organization_id, %(campaign)s, variables, left_out, told_at FROM person
WHERE variables <> '{}' OR left_out <> '[]' OR EXISTS (SELECT FROM messaging_contactvariables k WHERE k.id = person.id)
ORDER BY id
ON CONFLICT (id) DO UPDATE SET campaign_id = excluded.campaign_id, variables = excluded.variables, left_out = excluded.left_out,
    told_at = excluded.told_at, updated_at = now()
WHERE excluded.told_at >= v.told_at AND (excluded.campaign_id, excluded.variables, excluded.left_out, excluded.told_at)
    IS DISTINCT FROM (v.campaign_id, v.variables, v.left_out, v.told_at)
