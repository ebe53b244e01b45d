-- Back into the queue, with fresh tries, what is stored, has its body and is not in the log. FOR SHARE: a body being pruned at this
-- moment is waited for, and then it is gone. `held` keeps its row until the worker claims it, and forgets what was tried.
WITH chosen AS MATERIALIZED (
    SELECT d.id FROM instantly_delivery d
    WHERE d.id = ANY (%s::bigint[]) AND d.body IS NOT NULL
        AND NOT EXISTS (SELECT FROM messaging_event e WHERE e.id = d.id)
    ORDER BY d.id FOR SHARE OF d
), forgotten AS (
    UPDATE instantly_held h SET attempts = 0 FROM chosen WHERE h.delivery_id = chosen.id
)
INSERT INTO instantly_pending (delivery_id) SELECT id FROM chosen ORDER BY id
ON CONFLICT DO NOTHING
