-- What a run that goes on had measured a moment ago: its summary as JSON text, and
-- when that was. It becomes the run's summary when the engine dies, and is gone
-- when the run ends.
CREATE TABLE run_checkpoints (
    run_id   TEXT   NOT NULL PRIMARY KEY REFERENCES runs (id) ON DELETE CASCADE,
    alive_at BIGINT NOT NULL,
    summary  TEXT   NOT NULL
) WITHOUT ROWID;
