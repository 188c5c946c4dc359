/** One thing of each kind that a schema can hold. */
export const richSchema = `
CREATE SCHEMA app;
CREATE TYPE mood AS ENUM ('calm', 'sad');
CREATE TYPE address AS (street text, number int);
CREATE TYPE span AS RANGE (subtype = timestamptz);
CREATE TYPE crate AS (label text);
CREATE DOMAIN word AS text;
CREATE FOREIGN DATA WRAPPER hollow;
CREATE SERVER away FOREIGN DATA WRAPPER hollow;
CREATE FOREIGN TABLE far (id int) SERVER away OPTIONS (place 'a');
CREATE DOMAIN positive AS integer CHECK (VALUE > 0);
CREATE SEQUENCE numbers INCREMENT 2;
CREATE TABLE users (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  email varchar(200) NOT NULL UNIQUE,
  "displayName" text COLLATE "C",
  lower_email text GENERATED ALWAYS AS (lower(email::text)) STORED,
  feels mood DEFAULT 'calm',
  lives address,
  active span,
  worth numeric(10, 2) DEFAULT 0.5,
  since timestamptz NOT NULL DEFAULT now(),
  born timestamptz DEFAULT '2026-01-01 00:00:00+02',
  wait interval DEFAULT '1 day 02:00:00',
  tags text[] NOT NULL DEFAULT '{}'::text[]
);
ALTER TABLE users ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON users FOR UPDATE TO PUBLIC USING (id = 1) WITH CHECK (id IN (SELECT numbers.last_value FROM numbers));
CREATE TABLE posts (
  id serial PRIMARY KEY,
  user_id bigint REFERENCES users (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
  title varchar(100),
  slug varchar(50),
  state int DEFAULT 1 CHECK (state BETWEEN 0 AND 9),
  grade positive,
  during tstzrange,
  EXCLUDE USING gist (during WITH &&)
);
CREATE INDEX live ON posts (id) WHERE state > 0;
CREATE UNIQUE INDEX titles_once ON posts (lower(title::text), user_id DESC NULLS LAST) INCLUDE (state);
CREATE UNLOGGED TABLE app.logs (id int NOT NULL, note text);
CREATE TABLE events (at date NOT NULL, what text) PARTITION BY RANGE (at);
CREATE INDEX ON events (at);
CREATE TABLE events_2026 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
CREATE TABLE app.base (id int);
CREATE TABLE app.heir (more text) INHERITS (app.base);
CREATE VIEW titles AS SELECT p.id, p.title FROM posts p WHERE p.state > 0 AND p.title <> 'p.id';
CREATE VIEW authors AS SELECT u.email, count(*) AS written FROM users u JOIN posts p ON p.user_id = u.id GROUP BY u.email;
CREATE VIEW busy AS SELECT posts.id FROM posts WHERE EXISTS (SELECT FROM users WHERE users.id = posts.user_id) ORDER BY posts.id;
CREATE VIEW odd AS SELECT "displayName", users.email FROM users UNION SELECT note, note FROM app.logs;
CREATE MATERIALIZED VIEW totals AS SELECT state, count(*) AS rows FROM posts GROUP BY state;
CREATE UNIQUE INDEX totals_state ON totals (state);
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.state := 2; RETURN NEW; END $$;
CREATE FUNCTION twice(amount int, times int DEFAULT 2) RETURNS int LANGUAGE sql IMMUTABLE STRICT RETURN amount * times;
CREATE PROCEDURE tidy() LANGUAGE sql AS 'DELETE FROM app.logs';
CREATE AGGREGATE joined (text) (SFUNC = textcat, STYPE = text, INITCOND = '');
CREATE TRIGGER touched BEFORE UPDATE OF title ON posts FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION touch();
CREATE TRIGGER noted BEFORE INSERT ON events FOR EACH ROW EXECUTE FUNCTION touch();
CREATE STATISTICS together ON title, slug FROM posts;
CREATE OPERATOR ==== (LEFTARG = text, RIGHTARG = text, FUNCTION = texteq, COMMUTATOR = ====);
CREATE OPERATOR CLASS reversed FOR TYPE int USING btree AS OPERATOR 1 >, OPERATOR 5 <, FUNCTION 1 btint4cmp(int, int);
CREATE COLLATION plainest (provider = libc, locale = 'C');
CREATE TEXT SEARCH CONFIGURATION words (COPY = english);
CREATE AGGREGATE longest (text) (SFUNC = text_larger, STYPE = text, COMBINEFUNC = text_larger, SORTOP = >, PARALLEL = SAFE);
ALTER TABLE posts REPLICA IDENTITY FULL;
ALTER TABLE app.logs DISABLE TRIGGER ALL;
ALTER TABLE events_2026 ALTER COLUMN what SET DEFAULT 'here';
CREATE UNIQUE INDEX ON events_2026 (what);
CREATE RULE quiet AS ON DELETE TO app.logs DO INSTEAD NOTHING;
`
