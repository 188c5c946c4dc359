-- The extension gives the keys of every table.
CREATE EXTENSION IF NOT EXISTS "uuid-ossp";
