-- The latest measurements of an active run: its summary as JSON text, and the time. It becomes the summary of
-- the run if the engine dies, and is deleted when the run ends.
CREATE TABLE run_checkpoints (
    run_id   TEXT   NOT NULL PRIMARY KEY REFERENCES runs (id) ON DELETE CASCADE,
    alive_at BIGINT NOT NULL,
    summary  TEXT   NOT NULL
) WITHOUT ROWID;
