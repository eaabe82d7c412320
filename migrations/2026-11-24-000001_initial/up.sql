-- Times are milliseconds since the Unix epoch. Columns named variables, params,
-- headers, body, auth, config_snapshot, summary and trace hold JSON text.

CREATE TABLE collections (
    id         TEXT   NOT NULL PRIMARY KEY,
    parent_id  TEXT   REFERENCES collections (id) ON DELETE CASCADE,
    name       TEXT   NOT NULL,
    sort_order BIGINT NOT NULL DEFAULT 0,
    variables  TEXT   NOT NULL DEFAULT '{}',
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX collections_by_parent ON collections (parent_id);

CREATE TABLE requests (
    id                  TEXT   NOT NULL PRIMARY KEY,
    collection_id       TEXT   NOT NULL REFERENCES collections (id) ON DELETE CASCADE,
    name                TEXT   NOT NULL,
    method              TEXT   NOT NULL,
    url                 TEXT   NOT NULL,
    params              TEXT   NOT NULL DEFAULT '{}',
    headers             TEXT   NOT NULL DEFAULT '{}',
    body                TEXT   NOT NULL DEFAULT 'null',
    body_type           TEXT,
    auth                TEXT   NOT NULL DEFAULT '{}',
    pre_request_script  TEXT   NOT NULL DEFAULT '',
    post_request_script TEXT   NOT NULL DEFAULT '',
    created_at          BIGINT NOT NULL,
    updated_at          BIGINT NOT NULL
);
CREATE INDEX requests_by_collection ON requests (collection_id);

CREATE TABLE environments (
    id         TEXT    NOT NULL PRIMARY KEY,
    name       TEXT    NOT NULL,
    variables  TEXT    NOT NULL DEFAULT '{}',
    is_active  BOOLEAN NOT NULL DEFAULT FALSE,
    created_at BIGINT  NOT NULL,
    updated_at BIGINT  NOT NULL
);

-- One row at most.
CREATE TABLE globals (
    id         TEXT   NOT NULL PRIMARY KEY DEFAULT 'globals' CHECK (id = 'globals'),
    variables  TEXT   NOT NULL DEFAULT '{}',
    updated_at BIGINT NOT NULL
);

-- A run outlives the request and the environment it names: no foreign keys.
CREATE TABLE runs (
    id              TEXT   NOT NULL PRIMARY KEY,
    request_id      TEXT,
    environment_id  TEXT,
    type            TEXT   NOT NULL CHECK (type IN ('design', 'load')),
    status          TEXT   NOT NULL
                    CHECK (status IN ('pending', 'running', 'completed', 'stopped', 'failed')),
    config_snapshot TEXT   NOT NULL,
    start_time      BIGINT NOT NULL,
    end_time        BIGINT,
    reason          TEXT
);
CREATE INDEX runs_by_start ON runs (start_time DESC, id DESC);

CREATE TABLE run_summaries (
    run_id                 TEXT NOT NULL PRIMARY KEY REFERENCES runs (id) ON DELETE CASCADE,
    summary                TEXT NOT NULL,
    response_histogram     BLOB NOT NULL,
    service_histogram      BLOB NOT NULL,
    schedule_lag_histogram BLOB NOT NULL
);

CREATE TABLE results (
    id           INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    run_id       TEXT    NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    timestamp    BIGINT  NOT NULL,
    status_code  INTEGER NOT NULL,
    latency_ms   DOUBLE  NOT NULL,
    error        TEXT,
    error_detail TEXT,
    trace        TEXT
);
CREATE INDEX results_by_run ON results (run_id, id);

CREATE TABLE metrics (
    id        INTEGER NOT NULL PRIMARY KEY,
    run_id    TEXT    NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    timestamp BIGINT  NOT NULL,
    name      TEXT    NOT NULL,
    value     DOUBLE  NOT NULL
);
CREATE INDEX metrics_by_run ON metrics (run_id, id);

CREATE TABLE kv_store (
    key        TEXT   NOT NULL PRIMARY KEY,
    value      TEXT   NOT NULL,
    updated_at BIGINT NOT NULL
);
