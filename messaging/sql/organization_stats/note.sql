-- Notes that all days are to be summed again, of one organization or of all.
INSERT INTO messaging_stalestats (organization_id) SELECT id FROM accounts_organization
WHERE %(organization)s::uuid IS NULL OR id = %(organization)s::uuid
