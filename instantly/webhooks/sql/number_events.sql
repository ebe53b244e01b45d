-- Positions in the order in which events became visible. One transaction at a time does this (an advisory lock before this
-- statement, so that its snapshot is newer than the last one's commit): an event numbered later is one that committed later.
WITH last AS (
    SELECT coalesce(max(position), 0) AS position FROM messaging_event
), next AS (
    SELECT id, last.position + row_number() OVER (ORDER BY id) AS position
    FROM (SELECT id FROM messaging_event WHERE position IS NULL ORDER BY id LIMIT %s) AS unnumbered, last
)
UPDATE messaging_event e SET position = next.position FROM next WHERE e.id = next.id
