"""Recount the daily stats from messages and events, by a query that shares no code with the product."""

from messaging.models.rollup import ROLLUP_COUNTERS

OF_MESSAGES = """
    SELECT organization_id, campaign_id, coalesce(email_account, '') AS account, at, step, variant, figure FROM messaging_message,
        LATERAL (VALUES ('messages', happened_at), ('bounces', bounced_at), ('unique_opens', opened_at), ('unique_clicks', clicked_at),
            ('unique_replies', replied_at), ('sent', CASE direction WHEN 'out' THEN sent_at END),
            ('replies', CASE WHEN direction = 'in' AND NOT is_auto_reply THEN sent_at END),
            ('auto_replies', CASE WHEN direction = 'in' AND is_auto_reply THEN sent_at END)) AS dates (figure, at)
    WHERE at IS NOT NULL AND kind = 'campaign'"""
WATCHED = """
    SELECT id, message_id, right(type, -6) AS kind, happened_at AS at,
        row_number() OVER (PARTITION BY message_id, type ORDER BY happened_at, id) AS place
    FROM messaging_event WHERE type IN ('email_opened', 'email_clicked') AND message_id IS NOT NULL AND copy_of IS NULL"""
JUDGED = """
    SELECT m.organization_id, m.campaign_id, coalesce(m.email_account, '') AS account, w.at, m.step, m.variant, w.message_id,
        CASE w.kind WHEN 'opened' THEN 'machine_opens' ELSE 'machine_clicks' END AS figure,
        place <= 20 AND coalesce(w.at - m.sent_at <= interval '10 s', false) OR place <= 20 AND w.kind = 'clicked' AND EXISTS (
            SELECT FROM watched o WHERE o.message_id = w.message_id AND o.kind = w.kind AND o.id <> w.id AND o.place <= 20
                AND o.at BETWEEN w.at - interval '2 s' AND w.at + interval '2 s') AS likely
    FROM watched w JOIN messaging_message m ON m.id = w.message_id"""
OF_MACHINES = """
    SELECT organization_id, campaign_id, account, at, step, variant, figure FROM judged WHERE likely
    UNION ALL
    SELECT organization_id, campaign_id, account, min(at), step, variant, 'unique_' || figure FROM judged
    GROUP BY organization_id, campaign_id, account, step, variant, message_id, figure HAVING bool_and(likely)"""
OF_EVENTS = """
    SELECT organization_id, campaign_id, email_account, happened_at, step, variant, figure FROM messaging_event
        JOIN (VALUES ('email_opened', 'opens'), ('email_clicked', 'clicks'), ('email_unsubscribed', 'unsubscribes'),
            ('email_spam_report', 'complaints'), ('lead_interested', 'interested'), ('lead_not_interested', 'not_interested'),
            ('lead_meeting_booked', 'meetings')) AS counted (type, figure) USING (type)
    WHERE copy_of IS NULL"""
RECOUNT = f"""
    WITH watched AS ({WATCHED}), judged AS ({JUDGED})
    SELECT organization_id, campaign_id, account, (at AT TIME ZONE 'UTC')::date, step, variant,
        {", ".join(f"count(*) FILTER (WHERE figure = '{figure}')" for figure in ROLLUP_COUNTERS)}
    FROM ({OF_MESSAGES} UNION ALL {OF_MACHINES} UNION ALL {OF_EVENTS}) AS counted
    GROUP BY 1, 2, 3, 4, 5, 6"""
