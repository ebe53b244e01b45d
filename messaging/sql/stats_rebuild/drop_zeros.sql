-- Rollup rows that went back to all zeros.
DELETE FROM messaging_dailystats
WHERE ({figures}) = ({zeros}) AND (%(organization)s::uuid IS NULL OR organization_id = %(organization)s::uuid)
