-- Notes, labels, variables, decisions and replies of the contact, under the canonical address. A label that is there already is one with it; of two drafts of one
-- author the later one stays.
WITH noted AS (
    UPDATE messaging_note SET contact_id = %(new_id)s::uuid
    WHERE organization_id = %(organization)s::uuid AND contact_id = %(old_id)s::uuid
), redrafted AS (
    DELETE FROM messaging_outboxmessage d
    WHERE d.organization_id = %(organization)s::uuid AND d.contact_id IN (%(old_id)s::uuid, %(new_id)s::uuid) AND d.state = 'draft' AND EXISTS (
        SELECT FROM messaging_outboxmessage o
        WHERE o.organization_id = d.organization_id AND o.contact_id IN (%(old_id)s::uuid, %(new_id)s::uuid) AND o.state = 'draft'
            AND o.author_id = d.author_id AND (o.updated_at, o.id) > (d.updated_at, d.id))
    RETURNING d.id
), replied AS (
    UPDATE messaging_outboxmessage SET contact_id = %(new_id)s::uuid
    WHERE organization_id = %(organization)s::uuid AND contact_id = %(old_id)s::uuid AND id NOT IN (SELECT id FROM redrafted)
), told AS (
    UPDATE messaging_contactvariables v SET id = %(new_id)s::uuid
    WHERE v.organization_id = %(organization)s::uuid AND v.id = %(old_id)s::uuid
        AND NOT EXISTS (SELECT FROM messaging_contactvariables o WHERE o.id = %(new_id)s::uuid)
), doubled AS (
    DELETE FROM messaging_contactlabel l
    WHERE l.organization_id = %(organization)s::uuid AND l.contact_id = %(old_id)s::uuid AND EXISTS (
        SELECT FROM messaging_contactlabel o
        WHERE o.organization_id = l.organization_id AND o.contact_id = %(new_id)s::uuid AND o.name = l.name)
    RETURNING l.id
), decided AS (
    UPDATE messaging_suggestiondecision d SET contact_id = %(new_id)s::uuid
    WHERE d.organization_id = %(organization)s::uuid AND d.contact_id = %(old_id)s::uuid AND NOT EXISTS (
        SELECT FROM messaging_suggestiondecision o
        WHERE o.organization_id = d.organization_id AND o.contact_id = %(new_id)s::uuid AND o.key = d.key)
)
UPDATE messaging_contactlabel SET contact_id = %(new_id)s::uuid
WHERE organization_id = %(organization)s::uuid AND contact_id = %(old_id)s::uuid AND id NOT IN (SELECT id FROM doubled)
