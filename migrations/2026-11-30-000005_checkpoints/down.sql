-- Drops the checkpoints.
DROP TABLE run_checkpoints;
