-- Drops the cookie jars.
DROP TABLE cookie_jars;
