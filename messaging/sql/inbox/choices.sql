-- What an inbox can be narrowed to and by whom, and where the feed stands: labels, the team, the latest position.
SELECT ARRAY(
        SELECT DISTINCT name FROM messaging_contactlabel WHERE organization_id = ANY (%(organizations)s) ORDER BY name LIMIT 100),
    coalesce((SELECT json_agg(json_build_object('id', u.id, 'name', coalesce(nullif(u.name, ''), u.email), 'role', m.role) ORDER BY u.name, u.email)
        FROM accounts_membership m JOIN accounts_user u ON u.id = m.user_id
        WHERE m.organization_id = %(one)s AND u.is_active), '[]'),
    coalesce((SELECT max(last) FROM unnest(%(organizations)s) AS o (id), LATERAL (
        SELECT position AS last FROM messaging_event WHERE organization_id = o.id AND position IS NOT NULL
        ORDER BY position DESC LIMIT 1) AS e), 0)
