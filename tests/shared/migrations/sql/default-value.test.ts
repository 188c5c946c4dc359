import { describe, expect, test } from '@jest/globals'
import { operationsIn } from '../../../support/sql-migration.ts'

async function defaultOf(written: string) {
  const [operation] = await operationsIn(
    `ALTER TABLE t ADD COLUMN a text DEFAULT ${written} NOT NULL, ADD COLUMN b int`
  )
  return operation?.kind === 'add-column' ? operation.column.default : undefined
}

describe('how often PostgreSQL computes a default', () => {
  test.each([
    ['1', 'constant'],
    ["'{}'::jsonb", 'constant'],
    ["CAST('x' AS varchar(3))", 'constant'],
    ["ARRAY['a']::text[]", 'constant'],
    ["lower('A') || 'b'", 'constant'],
    ['make_interval(days => 3)', 'constant'],
    ['-1', 'constant'],
    ['true', 'constant'],
    ['NULL', 'null'],
    ['NULL::int', 'null'],
    ['now()', 'stable'],
    ['pg_catalog.now()', 'stable'],
    ['CURRENT_TIMESTAMP', 'stable'],
    ['CURRENT_TIMESTAMP(3)', 'stable'],
    ['CURRENT_USER', 'stable'],
    ["(now() + interval '1 day')", 'stable'],
    ["(now() AT TIME ZONE 'utc')", 'stable'],
    ["timezone('utc', now())", 'stable'],
    ["current_setting('app.tenant')::uuid", 'stable'],
    ['gen_random_uuid()', 'volatile'],
    ['gen_random_uuid()::text', 'volatile'],
    ['public.uuid_generate_v4()', 'volatile'],
    ['uuidv7()', 'volatile'],
    ['random()', 'volatile'],
    ['clock_timestamp()', 'volatile'],
    ["nextval('s'::regclass)", 'volatile'],
    ["concat('x', encode(gen_random_bytes(4), 'hex'))", 'volatile'],
    ["COALESCE(current_setting('a', true), md5(random()::text))", 'volatile'],
    ['CASE WHEN true THEN 1 ELSE floor(random() * 5) END', 'volatile'],
    ['my_id()', 'unknown'],
    ['app.now()', 'unknown'],
    ["prefixed('usr', 'x')", 'unknown']
  ])('%s is %s', async (written, kind) => {
    expect((await defaultOf(written))?.kind).toBe(kind)
  })

  test.each([
    ["'it''s, (fine)'", "'it''s, (fine)'"],
    ['now() /* now */', 'now()'],
    ["'a' || lower('B')", "'a' || lower('B')"],
    ["E'a\\'b'::text", "E'a\\'b'::text"],
    ["'2020-01-01'::timestamp with time zone", "'2020-01-01'::timestamp with time zone"],
    ['NULL', 'NULL']
  ])('%s is told as it was written', async (written, text) => {
    expect((await defaultOf(written))?.text).toBe(text)
  })
})
