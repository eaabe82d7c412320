-- Drops the initial schema.
DROP TABLE kv_store;
DROP TABLE metrics;
DROP TABLE results;
DROP TABLE run_summaries;
DROP TABLE runs;
DROP TABLE globals;
DROP TABLE environments;
DROP TABLE requests;
DROP TABLE collections;
