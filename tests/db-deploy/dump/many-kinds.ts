/**
 * A database with every kind of table that a dump treats in a way of its own, and texts that look like the script of a dump.
 * It has 13 rows besides those of users.
 */
export function manyKinds(users: number): string {
  return `
CREATE TABLE users (id serial PRIMARY KEY, name text);
INSERT INTO users (name) SELECT 'user ' || n FROM generate_series(1, ${users}) n;
CREATE TABLE nobody (id int);
CREATE UNLOGGED TABLE unlogged (id int);
INSERT INTO unlogged VALUES (1), (2);
CREATE TABLE parted (id int, day date) PARTITION BY RANGE (day);
CREATE TABLE parted_2026 PARTITION OF parted FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
INSERT INTO parted VALUES (1, '2026-02-01');
CREATE TABLE "odd ""name
on two lines" ("co l" int, "new
line" int);
INSERT INTO "odd ""name
on two lines" VALUES (1, 2);
CREATE TABLE tricky (line text);
INSERT INTO tricky VALUES (E'a\\nCOPY public.users (id) FROM stdin;\\n\\\\.\\n'), ('\\.'), ('');
CREATE TABLE columnless ();
INSERT INTO columnless DEFAULT VALUES;
INSERT INTO columnless DEFAULT VALUES;
CREATE TABLE generated (a int, b int GENERATED ALWAYS AS (a * 2) STORED);
INSERT INTO generated (a) VALUES (1);
CREATE TABLE parent (id int);
CREATE TABLE child () INHERITS (parent);
INSERT INTO parent VALUES (1);
INSERT INTO child VALUES (2), (3);
CREATE SCHEMA "Other";
CREATE TABLE "Other"."Table" (id int);
CREATE MATERIALIZED VIEW counted AS SELECT count(*) FROM users;
CREATE MATERIALIZED VIEW empty_view AS SELECT * FROM users WITH NO DATA;
CREATE VIEW names AS SELECT name FROM users;
CREATE FUNCTION text_like_a_dump() RETURNS text LANGUAGE sql AS $$ SELECT '
COPY public.nowhere (a) FROM stdin;
-- PostgreSQL database dump complete
' $$;
SELECT lo_from_bytea(0, '\\x010203');
CREATE EXTENSION "uuid-ossp";
`
}

/** Rows of the tables besides users. */
export const otherRows = 13
