-- Messages that keep other openings and clicks than the log has, locked in key order as writers do.
WITH watched AS ({watched}
)
SELECT m.id FROM messaging_message m JOIN watched w USING (id)
WHERE (m.open_times, m.click_times, m.machine_open_count, m.machine_click_count)
    IS DISTINCT FROM (w.open_times, w.click_times, w.machine_open_count, w.machine_click_count)
ORDER BY m.id FOR NO KEY UPDATE OF m
