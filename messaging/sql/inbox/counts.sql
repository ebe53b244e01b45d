-- Conversations by lane, up to %(most)s each, and the oldest reply that waits there; a snooze that has ended counts where it is open.
-- `woken`: how many of the snoozed ones that are.
WITH mine AS (
    SELECT unnest(%(organizations)s::uuid[]) AS id
), awake AS MATERIALIZED (
    SELECT CASE WHEN c.is_untracked THEN 'untracked' ELSE coalesce(
            (SELECT l.lane FROM json_each_text(%(lanes)s::json) AS l (category, lane) WHERE l.category = c.category), 'needs_reply') END AS lane,
        c.waiting_since
    FROM mine, LATERAL (
        SELECT is_untracked, category, waiting_since FROM messaging_conversation
        WHERE organization_id = mine.id AND state = 'snoozed' AND snoozed_until <= %(now)s LIMIT %(most)s) AS c
)
SELECT l.lane, found.count, found.oldest, (SELECT count(*) FROM awake WHERE awake.lane = l.lane), (SELECT min(waiting_since) FROM awake WHERE awake.lane = l.lane)
FROM unnest(%(names)s::text[]) AS l (lane), LATERAL (
    SELECT count(*) AS count, min(waiting_since) AS oldest FROM (
        SELECT c.waiting_since FROM mine, LATERAL (
            SELECT waiting_since FROM messaging_conversation
            WHERE organization_id = mine.id AND messaging_conversation.lane = l.lane LIMIT %(most)s) AS c
        LIMIT %(most)s) AS limited) AS found
