-- Up to where a user must be shown the database: the write-ahead log's position after their last write. Asked before a read goes to a
-- replica, and written by no installation without one. IF NOT EXISTS: as the other tables of this app. Not UNLOGGED: a crash of the primary must not make a lagging replica good enough.
CREATE TABLE IF NOT EXISTS read_position (
    user_id uuid PRIMARY KEY,   -- no foreign key: a deleted user's row is forgotten after a day
    position pg_lsn NOT NULL,
    noted_at timestamptz NOT NULL
) WITH (fillfactor = 50);
