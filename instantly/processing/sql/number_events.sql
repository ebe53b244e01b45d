-- Positions, for events recorded without one, in the order in which they became visible. One transaction at a time gives any (an
-- advisory lock before this statement, so that its snapshot is newer than the last one's commit; recording takes the same one, see
-- messaging/sql/events.sql): an event numbered later is one that committed later.
-- From a sequence and not from the highest there is: a moved campaign's events give theirs up, and a number given out twice
-- would lie behind a reader who has been there. A number may be missing where a transaction was undone.
UPDATE messaging_event e SET position = next.position
FROM (
    SELECT id, nextval('messaging_event_position') AS position
    FROM (SELECT id FROM messaging_event WHERE position IS NULL AND copy_of IS NULL ORDER BY id LIMIT %s) AS unnumbered
) AS next
WHERE e.id = next.id
