-- One index for each way to list runs, in the order of the list.
CREATE INDEX runs_by_type ON runs (type, start_time DESC, id DESC);
CREATE INDEX runs_by_status ON runs (status, start_time DESC, id DESC);
CREATE INDEX runs_by_request ON runs (request_id, start_time DESC, id DESC);
-- The few results that failed, among very many; the store asks in the same words.
CREATE INDEX results_failed ON results (run_id, id)
    WHERE error IS NOT NULL OR status_code NOT BETWEEN 200 AND 399;
-- The seconds of a run, without reading all its metrics.
CREATE INDEX metrics_by_name ON metrics (run_id, name, id);
