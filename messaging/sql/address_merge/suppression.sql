-- Moves a suppression to the canonical form of its address, and joins it with the entry that is there: first and last time of both, in
-- force where one of them was. Returns whether there was one.
WITH old AS (DELETE FROM messaging_suppression WHERE id = %(id)s RETURNING *)
INSERT INTO messaging_suppression AS s (organization_id, email, reason, detail, first_at, last_at, lifted_at, lifted_by, lift_reason)
SELECT organization_id, %(address)s, reason, detail, first_at, last_at, lifted_at, lifted_by, lift_reason FROM old
ON CONFLICT (organization_id, email, reason) DO UPDATE SET
    first_at = least(s.first_at, excluded.first_at), last_at = greatest(s.last_at, excluded.last_at),
    detail = coalesce(nullif(s.detail, ''), excluded.detail),
    lifted_at = CASE WHEN s.lifted_at >= s.last_at AND excluded.lifted_at >= excluded.last_at
        THEN greatest(s.lifted_at, excluded.lifted_at) END,
    lifted_by = CASE WHEN s.lifted_at >= s.last_at AND excluded.lifted_at >= excluded.last_at THEN s.lifted_by ELSE '' END,
    lift_reason = CASE WHEN s.lifted_at >= s.last_at AND excluded.lifted_at >= excluded.last_at THEN s.lift_reason ELSE '' END,
    updated_at = now()
RETURNING xmax <> 0
