-- What stands beside a conversation, as one row: the newest event, notes, labels, suppressions, people of the same company who wrote,
-- snippets, the organization's people who can take care of it, and the time zone in the customer's list of leads, under whatever spelling of its name. `company`: the domain of the address, empty for one where everybody can have an address.
SELECT
    coalesce((SELECT max(e.id + 0) FROM messaging_event e WHERE e.organization_id = %(organization)s AND e.contact_id = %(contact)s), 0),
    coalesce((SELECT json_agg(n) FROM (
        SELECT id, text, author_name, created_at FROM messaging_note
        WHERE organization_id = %(organization)s AND contact_id = %(contact)s ORDER BY created_at DESC, id DESC LIMIT 50) AS n), '[]'),
    coalesce((SELECT json_agg(l.name ORDER BY l.name) FROM messaging_contactlabel l
        WHERE l.organization_id = %(organization)s AND l.contact_id = %(contact)s), '[]'),
    coalesce((SELECT json_agg(json_build_object('reason', s.reason, 'at', s.last_at) ORDER BY s.last_at DESC) FROM messaging_suppression s
        WHERE s.organization_id = %(organization)s AND s.email = %(email)s AND (s.lifted_at IS NULL OR s.last_at > s.lifted_at)), '[]'),
    CASE WHEN %(company)s = '' THEN '[]'::json ELSE coalesce((SELECT json_agg(r) FROM (
        SELECT c.id, c.email, concat_ws(' ', c.first_name, c.last_name) AS name, v.last_inbound_at AS at
        FROM unnest(app_search_contacts('@' || %(company)s, p_organization => %(organization)s)) AS found (id)
            JOIN messaging_contact c ON c.organization_id = %(organization)s AND c.id = found.id
            JOIN messaging_conversation v ON v.organization_id = %(organization)s AND v.id = found.id
        WHERE c.id <> %(contact)s AND split_part(c.email, '@', 2) = %(company)s AND v.last_inbound_at IS NOT NULL
        ORDER BY at DESC, c.id LIMIT 5) AS r), '[]') END,
    coalesce((SELECT json_agg(s) FROM (
        SELECT id, name, text FROM messaging_snippet WHERE organization_id = %(organization)s ORDER BY name, id LIMIT 100) AS s), '[]'),
    coalesce((SELECT json_agg(json_build_object('id', u.id, 'name', coalesce(nullif(u.name, ''), u.email)) ORDER BY u.name, u.email)
        FROM accounts_membership m JOIN accounts_user u ON u.id = m.user_id
        WHERE m.organization_id = %(organization)s AND m.role <> 'observer' AND u.is_active), '[]'),
    coalesce((SELECT left(z.value, 100) FROM messaging_contactvariables v, LATERAL jsonb_each_text(v.variables) AS z (name, value)
        WHERE v.organization_id = %(organization)s AND v.id = %(contact)s
            AND lower(regexp_replace(z.name, '[^[:alpha:]]', '', 'g')) IN ('timezone', 'tz', 'zeitzone') ORDER BY z.name LIMIT 1), '')
