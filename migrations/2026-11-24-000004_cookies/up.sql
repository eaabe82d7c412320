-- Cookies of design requests by environment, as JSON text; those of requests
-- without one stand under the empty name. A jar outlives its environment.
CREATE TABLE cookie_jars (
    environment_id TEXT   NOT NULL PRIMARY KEY,
    jar            TEXT   NOT NULL,
    updated_at     BIGINT NOT NULL
);
