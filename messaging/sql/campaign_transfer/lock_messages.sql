-- In key order, as everybody does who writes messages without holding their campaign.
SELECT id FROM messaging_message WHERE campaign_id = %(campaign)s::uuid ORDER BY id FOR UPDATE
