-- Restores the histograms of run summaries.
DROP TABLE run_intervals;
ALTER TABLE run_summaries ADD COLUMN response_histogram BLOB NOT NULL DEFAULT x'';
ALTER TABLE run_summaries ADD COLUMN service_histogram BLOB NOT NULL DEFAULT x'';
ALTER TABLE run_summaries ADD COLUMN schedule_lag_histogram BLOB NOT NULL DEFAULT x'';
UPDATE run_summaries SET
    response_histogram = coalesce((SELECT histogram FROM run_histograms AS h
        WHERE h.run_id = run_summaries.run_id AND h.name = 'response'), x''),
    service_histogram = coalesce((SELECT histogram FROM run_histograms AS h
        WHERE h.run_id = run_summaries.run_id AND h.name = 'service'), x''),
    schedule_lag_histogram = coalesce((SELECT histogram FROM run_histograms AS h
        WHERE h.run_id = run_summaries.run_id AND h.name = 'scheduleLag'), x'');
DROP TABLE run_histograms;
