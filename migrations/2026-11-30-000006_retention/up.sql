-- Whether a run is kept whatever its age and size, and when its details (results, series,
-- histograms of intervals) were deleted to make room, in milliseconds since the Unix epoch.
ALTER TABLE runs ADD COLUMN pinned BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE runs ADD COLUMN details_deleted_at BIGINT;
