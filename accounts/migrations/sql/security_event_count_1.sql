-- How many requests were refused, by kind, for /metrics. UNLOGGED: written every few seconds by every web process, and a counter may
-- begin anew after a crash.
CREATE UNLOGGED TABLE security_event_count (
    kind text PRIMARY KEY,
    events bigint NOT NULL
);
