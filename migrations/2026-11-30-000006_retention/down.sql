-- Drops what retention needs.
ALTER TABLE runs DROP COLUMN details_deleted_at;
ALTER TABLE runs DROP COLUMN pinned;
