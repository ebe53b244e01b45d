-- Conversations of these contacts, worked out from their mails, the log and their category. What a person said of one (chosen_*, read_*)
-- is taken from its row as it is once it is locked: the person's transaction may have ended while we waited. Everything else is read as it
-- was when the statement began, and is complete: whoever records mails of a contact holds the contact (contacts.sql, `converses`), so
-- call this in a later statement of the transaction that does. `mailed`: a mail came, so `version` rises even where it is not the latest.
-- A conversation without mails and without a word of people's goes.
WITH asked AS MATERIALIZED (
    SELECT id, bool_or(mailed) AS mailed FROM json_to_recordset(%(contacts)s::json) AS a (id uuid, mailed boolean) GROUP BY id
), known AS MATERIALIZED (
    -- LATERAL: one look-up by key for each, in key order, whatever the planner believes of the table.
    SELECT k.* FROM (SELECT id FROM asked ORDER BY id) AS a,
        LATERAL (SELECT * FROM messaging_conversation WHERE id = a.id FOR NO KEY UPDATE) AS k
), person AS MATERIALIZED (
    SELECT c.id, c.organization_id, c.first_seen_at, coalesce(c.staff_interest, c.interest) AS verdict, a.mailed, k.id IS NOT NULL AS is_known,
        k.chosen_state, k.chosen_reason, k.chosen_until, coalesce(k.chosen_at, '-infinity') AS chosen_at,
        coalesce(k.chosen_seen, -9223372036854775808) AS chosen_seen, coalesce(k.chosen_replies, 0) AS chosen_replies,
        coalesce(k.read_at, '-infinity') AS read_at, coalesce(k.read_seen, -9223372036854775808) AS read_seen,
        coalesce(k.read_replies, 0) AS read_replies, coalesce(k.read_seen = 0, false) AS is_marked_unread
    FROM (SELECT * FROM asked ORDER BY id) AS a
        CROSS JOIN LATERAL (SELECT * FROM messaging_contact WHERE id = a.id) AS c LEFT JOIN known k ON k.id = a.id
), happened AS MATERIALIZED (
    -- `part`: what an event means here. A mail told as a person's and as a machine's is a person's; its time is the message's.
    SELECT p.id AS contact, e.id, e.type, e.message_id, m.campaign_id, coalesce(m.happened_at, e.happened_at) AS at,
        CASE WHEN e.type = ANY (%(received)s::text[]) THEN CASE WHEN m.is_auto_reply THEN 'machine' ELSE 'human' END
            WHEN e.type = %(ours)s THEN 'ours' WHEN e.type = ANY (%(words)s::text[]) THEN 'word' ELSE 'close' END AS part,
        e.copy_of IS NULL AND e.id > p.chosen_seen AS is_new, e.copy_of IS NULL AND e.id <= p.chosen_seen AS is_old,
        e.copy_of IS NULL AND e.id > p.read_seen AS is_unread, e.copy_of IS NULL AND e.id <= p.read_seen AS is_read
    FROM person p, LATERAL (
        SELECT * FROM messaging_event
        WHERE organization_id = p.organization_id AND contact_id = p.id AND type = ANY (%(types)s::text[])) AS e
        LEFT JOIN LATERAL (SELECT * FROM messaging_message WHERE id = e.message_id AND organization_id = p.organization_id) AS m ON true
), summed AS (
    SELECT contact,
        count(*) FILTER (WHERE part IN ('human', 'machine', 'ours')) AS mails, count(*) FILTER (WHERE part = 'word') AS words,
        bool_and(campaign_id IS NULL) FILTER (WHERE part IN ('human', 'machine', 'ours')) AS is_untracked,
        max(at) FILTER (WHERE part IN ('human', 'machine')) AS inbound_at, max(at) FILTER (WHERE part = 'human') AS human_at,
        max(at) FILTER (WHERE part = 'ours') AS ours_at,
        max(at) FILTER (WHERE part = 'human' AND is_new) AS new_at, max(at) FILTER (WHERE part = 'human' AND is_old) AS old_at,
        count(*) FILTER (WHERE part = 'human' AND is_old) AS old,
        max(at) FILTER (WHERE part = 'human' AND is_unread) AS unread_at, max(at) FILTER (WHERE part = 'human' AND is_read) AS reread_at,
        count(*) FILTER (WHERE part = 'human' AND is_read) AS reread
    FROM happened GROUP BY contact
), later AS (
    -- What came after a person's word: our mails and closings by their time, replies by when they were recorded.
    SELECT p.id AS contact, max(h.at) FILTER (WHERE h.part = 'ours' AND h.at > p.chosen_at) AS answered_at,
        max(h.at) FILTER (WHERE h.type = 'email_unsubscribed' AND h.at > p.chosen_at) AS unsubscribed_at,
        max(h.at) FILTER (WHERE h.type = 'email_spam_report' AND h.at > p.chosen_at) AS complained_at,
        max(h.at) FILTER (WHERE h.part = 'ours' AND h.at > p.read_at) AS read_by_answering_at
    FROM person p JOIN happened h ON h.contact = p.id GROUP BY p.id
), told AS (
    SELECT p.*, s.mails, s.words, s.is_untracked, s.inbound_at, s.human_at, s.ours_at, l.answered_at, l.unsubscribed_at, l.complained_at,
        l.read_by_answering_at, greatest(l.unsubscribed_at, l.complained_at) AS closed_at,
        greatest(s.new_at, CASE WHEN s.old > p.chosen_replies THEN s.old_at END) AS reply_at,
        greatest(s.unread_at, CASE WHEN s.reread > p.read_replies THEN s.reread_at END) AS unseen_at,
        s.old > p.chosen_replies AS is_late
    FROM person p JOIN summed s ON s.contact = p.id JOIN later l ON l.contact = p.id
), stated AS (
    SELECT t.*, CASE
        WHEN mails = 0 THEN 'moved'
        WHEN reply_at >= coalesce(answered_at, '-infinity') AND reply_at >= coalesce(closed_at, '-infinity') THEN 'replied'
        WHEN closed_at >= coalesce(answered_at, '-infinity') THEN
            CASE WHEN complained_at = closed_at THEN 'complaint' ELSE 'unsubscribe' END
        WHEN answered_at IS NOT NULL THEN 'answered'
        WHEN chosen_state IS NOT NULL THEN 'chosen'
        ELSE 'answered' END AS why
    FROM told t
), worked_out AS MATERIALIZED (
    SELECT s.id, s.organization_id, s.mailed, s.is_known, s.mails + s.words > 0 AS is_one,
        CASE why WHEN 'replied' THEN 'open' WHEN 'answered' THEN 'waiting' WHEN 'chosen' THEN chosen_state ELSE 'done' END AS state,
        CASE why WHEN 'replied' THEN '' WHEN 'answered' THEN '' WHEN 'chosen' THEN chosen_reason ELSE why END AS done_reason,
        CASE WHEN why = 'chosen' THEN chosen_until END AS snoozed_until,
        inbound_at AS last_inbound_at, human_at AS last_human_at, ours_at AS last_outbound_at,
        coalesce(greatest(inbound_at, ours_at), first_seen_at) AS last_mail_at,
        CASE WHEN why = 'replied' OR (why = 'chosen' AND chosen_state IN ('open', 'snoozed')) THEN coalesce((
            SELECT min(h.at) FROM happened h
            WHERE h.contact = s.id AND h.part = 'human' AND h.at > coalesce(s.ours_at, '-infinity') AND (why = 'chosen' OR h.is_new OR s.is_late)),
            s.human_at) END AS waiting_since,
        is_marked_unread OR coalesce(unseen_at >= coalesce(read_by_answering_at, '-infinity'), false) AS is_unread,
        coalesce(is_untracked, false) AS is_untracked, coalesce((
            SELECT c.category FROM messaging_messagecategory c WHERE c.organization_id = s.organization_id AND c.id = latest.message_id),
            (SELECT l.category FROM json_each_text(%(labels)s::json) AS l (interest, category) WHERE l.interest = s.verdict)) AS category
    FROM stated s LEFT JOIN LATERAL (
        SELECT message_id FROM happened h WHERE h.contact = s.id AND h.part IN ('human', 'machine')
        ORDER BY h.part, h.at DESC, h.message_id DESC LIMIT 1) AS latest ON true
), inserted AS (
    INSERT INTO messaging_conversation (id, organization_id, state, done_reason, snoozed_until, last_inbound_at, last_human_at,
        last_outbound_at, last_mail_at, waiting_since, is_unread, is_untracked, category)
    SELECT id, organization_id, state, done_reason, snoozed_until, last_inbound_at, last_human_at,
        last_outbound_at, last_mail_at, waiting_since, is_unread, is_untracked, category
    FROM worked_out WHERE NOT is_known AND is_one ORDER BY id
), gone AS (
    DELETE FROM messaging_conversation c USING known k
    WHERE c.id = k.id AND k.id NOT IN (SELECT id FROM worked_out WHERE is_one)
)
UPDATE messaging_conversation c SET state = w.state, done_reason = w.done_reason, snoozed_until = w.snoozed_until,
    last_inbound_at = w.last_inbound_at, last_human_at = w.last_human_at, last_outbound_at = w.last_outbound_at,
    last_mail_at = w.last_mail_at, waiting_since = w.waiting_since, is_unread = w.is_unread, is_untracked = w.is_untracked,
    category = w.category, updated_at = now(), version = k.version + (w.mailed OR
        (k.state, k.done_reason, k.snoozed_until, k.last_inbound_at, k.last_human_at, k.last_outbound_at) IS DISTINCT FROM
        (w.state, w.done_reason, w.snoozed_until, w.last_inbound_at, w.last_human_at, w.last_outbound_at))::int
FROM worked_out w JOIN known k USING (id)
WHERE c.id = k.id AND c.id = ANY (ARRAY(SELECT id FROM known)) AND w.is_one AND (w.mailed OR
    (k.state, k.done_reason, k.snoozed_until, k.last_inbound_at, k.last_human_at, k.last_outbound_at, k.last_mail_at, k.waiting_since,
        k.is_unread, k.is_untracked, k.category) IS DISTINCT FROM
    (w.state, w.done_reason, w.snoozed_until, w.last_inbound_at, w.last_human_at, w.last_outbound_at, w.last_mail_at, w.waiting_since,
        w.is_unread, w.is_untracked, w.category))
