-- Adds a batch's figures to the daily rows, one update a row however many events touched it, in key order.
INSERT INTO messaging_dailystats AS s (organization_id, campaign_id, email_account, day, step, variant, messages, sent, replies,
    auto_replies, bounces, unique_opens, unique_clicks, unique_replies, machine_opens, machine_clicks, unique_machine_opens,
    unique_machine_clicks, opens, clicks, unsubscribes, complaints, interested, not_interested, meetings)
SELECT organization_id, campaign_id, email_account, day, step, variant, coalesce(messages, 0), coalesce(sent, 0), coalesce(replies, 0),
    coalesce(auto_replies, 0), coalesce(bounces, 0), coalesce(unique_opens, 0), coalesce(unique_clicks, 0),
    coalesce(unique_replies, 0), coalesce(machine_opens, 0), coalesce(machine_clicks, 0), coalesce(unique_machine_opens, 0),
    coalesce(unique_machine_clicks, 0), coalesce(opens, 0), coalesce(clicks, 0), coalesce(unsubscribes, 0), coalesce(complaints, 0),
    coalesce(interested, 0), coalesce(not_interested, 0), coalesce(meetings, 0)
FROM json_to_recordset(%s::json) AS d (organization_id uuid, campaign_id uuid, email_account text, day date, step int, variant int,
    messages int, sent int, replies int, auto_replies int, bounces int, unique_opens int, unique_clicks int, unique_replies int,
    machine_opens int, machine_clicks int, unique_machine_opens int, unique_machine_clicks int, opens int, clicks int, unsubscribes int, complaints int, interested int, not_interested int, meetings int)
ORDER BY organization_id, campaign_id, email_account, day, step, variant
ON CONFLICT (organization_id, campaign_id, email_account, day, step, variant) DO UPDATE SET
    messages = s.messages + excluded.messages, sent = s.sent + excluded.sent, replies = s.replies + excluded.replies,
    auto_replies = s.auto_replies + excluded.auto_replies, bounces = s.bounces + excluded.bounces,
    unique_opens = s.unique_opens + excluded.unique_opens, unique_clicks = s.unique_clicks + excluded.unique_clicks,
    unique_replies = s.unique_replies + excluded.unique_replies, machine_opens = s.machine_opens + excluded.machine_opens,
    machine_clicks = s.machine_clicks + excluded.machine_clicks,
    unique_machine_opens = s.unique_machine_opens + excluded.unique_machine_opens,
    unique_machine_clicks = s.unique_machine_clicks + excluded.unique_machine_clicks, opens = s.opens + excluded.opens, clicks = s.clicks + excluded.clicks,
    unsubscribes = s.unsubscribes + excluded.unsubscribes, complaints = s.complaints + excluded.complaints,
    interested = s.interested + excluded.interested, not_interested = s.not_interested + excluded.not_interested,
    meetings = s.meetings + excluded.meetings
