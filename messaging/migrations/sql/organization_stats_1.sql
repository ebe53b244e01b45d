-- Notes of the days whose sums over an organization's campaigns are not valid any more (models/organization_stats.py), written in the
-- transaction of the change, whoever makes it. Statement triggers: one look at a batch's rows, however many they are.
CREATE FUNCTION sb_note_new_stats() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO public.messaging_stalestats (organization_id, day) SELECT DISTINCT organization_id, day FROM fresh;
    RETURN NULL;
END $$;
CREATE FUNCTION sb_note_changed_stats() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO public.messaging_stalestats (organization_id, day)
    SELECT organization_id, day FROM fresh UNION SELECT organization_id, day FROM past;
    RETURN NULL;
END $$;
CREATE FUNCTION sb_note_deleted_stats() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO public.messaging_stalestats (organization_id, day) SELECT DISTINCT organization_id, day FROM past;
    RETURN NULL;
END $$;
CREATE TRIGGER daily_stats_inserted AFTER INSERT ON messaging_dailystats REFERENCING NEW TABLE AS fresh
FOR EACH STATEMENT EXECUTE FUNCTION sb_note_new_stats();
CREATE TRIGGER daily_stats_updated AFTER UPDATE ON messaging_dailystats REFERENCING OLD TABLE AS past NEW TABLE AS fresh
FOR EACH STATEMENT EXECUTE FUNCTION sb_note_changed_stats();
CREATE TRIGGER daily_stats_deleted AFTER DELETE ON messaging_dailystats REFERENCING OLD TABLE AS past
FOR EACH STATEMENT EXECUTE FUNCTION sb_note_deleted_stats();

-- A campaign that tracks other events than before: its sums belong beneath another key. All days (NULL), and not those it has: a batch
-- under way may be adding one, and its own note may be taken before this change can be seen.
CREATE FUNCTION sb_note_other_tracking() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO public.messaging_stalestats (organization_id) VALUES (new.organization_id);
    RETURN NULL;
END $$;
CREATE TRIGGER campaign_tracking AFTER UPDATE OF open_tracking, link_tracking ON campaigns_campaign FOR EACH ROW
WHEN ((old.open_tracking IS NOT FALSE, old.link_tracking IS NOT FALSE) IS DISTINCT FROM
    (new.open_tracking IS NOT FALSE, new.link_tracking IS NOT FALSE))
EXECUTE FUNCTION sb_note_other_tracking();

ALTER TABLE messaging_stalestats SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);
