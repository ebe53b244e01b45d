"""The rollups counted again, from the rows and the log, by a query that shares nothing with how they are kept."""

from messaging.models.rollup import FIGURES

OF_MESSAGES = """
    SELECT organization_id, campaign_id, coalesce(email_account, '') AS account, at, step, variant, figure FROM messaging_message,
        LATERAL (VALUES ('messages', happened_at), ('bounces', bounced_at), ('unique_opens', opened_at), ('unique_clicks', clicked_at),
            ('unique_replies', replied_at), ('sent', CASE direction WHEN 'out' THEN sent_at END),
            ('replies', CASE WHEN direction = 'in' AND NOT is_auto_reply THEN sent_at END),
            ('auto_replies', CASE WHEN direction = 'in' AND is_auto_reply THEN sent_at END)) AS dates (figure, at)
    WHERE at IS NOT NULL"""
OF_EVENTS = """
    SELECT organization_id, campaign_id, email_account, happened_at, step, variant, figure FROM messaging_event
        JOIN (VALUES ('email_opened', 'opens'), ('email_clicked', 'clicks'), ('email_unsubscribed', 'unsubscribes'),
            ('email_spam_report', 'complaints'), ('lead_interested', 'interested'), ('lead_not_interested', 'not_interested'),
            ('lead_meeting_booked', 'meetings')) AS counted (type, figure) USING (type)"""
RECOUNT = f"""
    SELECT organization_id, campaign_id, account, (at AT TIME ZONE 'UTC')::date, step, variant,
        {", ".join(f"count(*) FILTER (WHERE figure = '{figure}')" for figure in FIGURES)}
    FROM ({OF_MESSAGES} UNION ALL {OF_EVENTS}) AS counted
    GROUP BY 1, 2, 3, 4, 5, 6"""
