-- Histograms by name, so that one more needs no new column. They hold the bytes
-- of HdrHistogram's V2 format, deflated, in nanoseconds.
CREATE TABLE run_histograms (
    run_id    TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    name      TEXT NOT NULL,
    histogram BLOB NOT NULL,
    PRIMARY KEY (run_id, name)
);
INSERT INTO run_histograms SELECT run_id, 'response', response_histogram FROM run_summaries;
INSERT INTO run_histograms SELECT run_id, 'service', service_histogram FROM run_summaries;
INSERT INTO run_histograms SELECT run_id, 'scheduleLag', schedule_lag_histogram FROM run_summaries;
ALTER TABLE run_summaries DROP COLUMN response_histogram;
ALTER TABLE run_summaries DROP COLUMN service_histogram;
ALTER TABLE run_summaries DROP COLUMN schedule_lag_histogram;

-- The same, of stretches of a run counted from its epoch.
CREATE TABLE run_intervals (
    id        INTEGER NOT NULL PRIMARY KEY,
    run_id    TEXT    NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    name      TEXT    NOT NULL,
    start_ns  BIGINT  NOT NULL,
    length_ns BIGINT  NOT NULL,
    max_ns    BIGINT  NOT NULL,
    histogram BLOB    NOT NULL
);
CREATE INDEX run_intervals_by_run ON run_intervals (run_id, id);
