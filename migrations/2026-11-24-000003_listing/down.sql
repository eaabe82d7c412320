-- Drops the indexes of lists.
DROP INDEX metrics_by_name;
DROP INDEX results_failed;
DROP INDEX runs_by_request;
DROP INDEX runs_by_status;
DROP INDEX runs_by_type;
