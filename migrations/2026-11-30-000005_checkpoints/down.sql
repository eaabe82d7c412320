DROP TABLE run_checkpoints;
