-- What web processes share for a moment: there is no Redis. UNLOGGED: cheap to write, and nothing is lost when a crash empties them.
-- IF NOT EXISTS: in a database of an earlier release accounts/migrations/0003 has made them.
CREATE UNLOGGED TABLE IF NOT EXISTS api_throttle (
    key text PRIMARY KEY,       -- what is limited, and a hash of whom
    began_at timestamptz NOT NULL,
    requests integer NOT NULL
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);
CREATE UNLOGGED TABLE IF NOT EXISTS api_idempotency (
    key text PRIMARY KEY,       -- a hash of the user, the operation and the Idempotency-Key
    fingerprint text NOT NULL,  -- of the body: the same key with another body is a mistake
    began_at timestamptz NOT NULL DEFAULT now(),
    status integer,             -- NULL: still running
    body bytea
);
