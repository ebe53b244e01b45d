-- Notes, labels and variables of the contact, under the canonical address. What is there already is one with it.
WITH noted AS (
    UPDATE messaging_note SET contact_id = %(new_id)s::uuid
    WHERE organization_id = %(organization)s::uuid AND contact_id = %(old_id)s::uuid
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
)
UPDATE messaging_contactlabel SET contact_id = %(new_id)s::uuid
WHERE organization_id = %(organization)s::uuid AND contact_id = %(old_id)s::uuid AND id NOT IN (SELECT id FROM doubled)
