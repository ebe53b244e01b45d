-- What the locked messages keep, from the log as it is now that nobody else writes them.
WITH watched AS ({watched}
)
UPDATE messaging_message m SET open_times = w.open_times, click_times = w.click_times, machine_open_count = w.machine_open_count,
    machine_click_count = w.machine_click_count, updated_at = now()
FROM watched w WHERE m.id = w.id
