-- Part of the two statements below: the openings and clicks of each message as the log has them, and how many look like a machine's.
SELECT id, open_times, click_times,
    (SELECT count(*)::int FROM (
        {likely_machine}) AS l WHERE l.figure = 'machine_opens') AS machine_open_count,
    (SELECT count(*)::int FROM (
        {likely_machine}) AS l WHERE l.figure = 'machine_clicks') AS machine_click_count
FROM (
    SELECT m.id, m.sent_at,
        (array_agg(e.happened_at ORDER BY e.happened_at) FILTER (WHERE e.type = 'email_opened'))[1:{kept}] AS open_times,
        (array_agg(e.happened_at ORDER BY e.happened_at) FILTER (WHERE e.type = 'email_clicked'))[1:{kept}] AS click_times
    FROM messaging_event e JOIN messaging_message m ON m.id = e.message_id
    WHERE e.type IN ('email_opened', 'email_clicked') AND e.copy_of IS NULL
        AND (%(organization)s::uuid IS NULL OR e.organization_id = %(organization)s::uuid)
        AND (%(messages)s::uuid[] IS NULL OR e.message_id = ANY (%(messages)s::uuid[]))
    GROUP BY m.id) AS logged
