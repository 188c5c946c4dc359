// needs: python3
import { chmodSync, cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import type { Check } from '../../actions/db-deploy/check.ts'
import { smokeTest } from '../../actions/db-deploy/verification/smoke.ts'
import { vectorIndexChecks } from '../../actions/db-deploy/verification/vector-indexes.ts'
import { databaseWith, failures, models, type TestDatabase } from '../db-deploy/verification/smoking.ts'
import { installPrograms } from '../../scripts/install-database-programs.ts'
import { startPostgres, type Postgres } from '../support/postgres.ts'

/** pgvector as a wheel of PyPI carries it, in PostgreSQL's own server. */

let postgres: Postgres
let database: TestDatabase
let extension = ''

beforeAll(async () => {
  extension = mkdtempSync(join(tmpdir(), 'pgvector-'))
  copyPgvector(extension)
  postgres = await startPostgres({
    settings: {
      extension_control_path: `${extension}/share:$system`,
      dynamic_library_path: `${extension}/lib:$libdir`
    }
  })
}, 120_000)

afterEach(() => database.close())

afterAll(() => {
  postgres.stop()
  rmSync(extension, { recursive: true })
})

/** The server runs as another user, which must come through to the files. */
function copyPgvector(folder: string): void {
  const from = dirname(installPrograms(join(import.meta.dirname, '..', '..', '.tools'), 'postgresql-client-18'))
  cpSync(join(from, 'share'), join(folder, 'share'), { recursive: true, dereference: true })
  cpSync(join(from, 'lib'), join(folder, 'lib'), { recursive: true, dereference: true })
  chmodSync(folder, 0o755)
}

async function checksOf(sql: string): Promise<readonly Check[]> {
  database = await databaseWith(postgres, sql)
  return vectorIndexChecks(await database.session())
}

const items = (rows: number): string => `
  CREATE EXTENSION vector;
  CREATE TABLE items (id int, embedding vector(3));
  INSERT INTO items SELECT i, ARRAY[random(), random(), random()]::vector FROM generate_series(1, ${rows}) AS i;`

test('without pgvector nothing is said, and without an index that searches are exact', async () => {
  expect(await checksOf('CREATE TABLE a (id int)')).toEqual([])
  await database.close()
  expect(await checksOf(items(1))).toMatchObject([{ result: 'ok', told: 'none on 1 column of vectors: exact search' }])
})

test('HNSW and a fitting IVFFlat are told with what they are', async () => {
  const checks = await checksOf(`${items(5000)}
    CREATE INDEX near ON items USING hnsw (embedding vector_l2_ops);
    CREATE INDEX lists ON items USING ivfflat (embedding vector_l2_ops) WITH (lists = 5);`)
  expect(checks).toMatchObject([
    { result: 'ok', told: 'lists (ivfflat, 5 lists for 5,000 rows), near (hnsw for 5,000 rows)' }
  ])
})

test('lists that are far from what pgvector recommends for so many rows are a warning with the figure', async () => {
  const checks = await checksOf(`${items(3000)}
    CREATE INDEX many ON items USING ivfflat (embedding vector_l2_ops);`)
  expect(checks[1]).toMatchObject({
    result: 'warning',
    problem: { message: expect.stringContaining('has 100 lists for 3,000 rows; about 3 are recommended') }
  })
})

test('an IVFFlat index of an empty table is a warning: its lists are chance', async () => {
  const checks = await checksOf(`${items(0)} CREATE INDEX early ON items USING ivfflat (embedding vector_l2_ops);`)
  expect(checks[1]).toMatchObject({
    result: 'warning',
    problem: { message: expect.stringContaining('early was made on an empty table') }
  })
})

test('a column of vectors is read by the smoke test', async () => {
  database = await databaseWith(postgres, items(2))
  const model = 'model items { id Int @id \n embedding Unsupported("vector(3)")? }'
  const { smoke, checks } = await smokeTest(await database.session(), models(model))
  expect(failures(checks)).toEqual([])
  expect(smoke.relations).toMatchObject([{ readable: true, rows: { count: 2, exact: true } }])
})

test('the index of a partitioned table is told for all its partitions, which are judged by themselves', async () => {
  const checks = await checksOf(`CREATE EXTENSION vector;
    CREATE TABLE items (at int, embedding vector(3)) PARTITION BY RANGE (at);
    CREATE TABLE items_1 PARTITION OF items FOR VALUES FROM (0) TO (10000);
    CREATE TABLE items_2 PARTITION OF items FOR VALUES FROM (10000) TO (20000);
    INSERT INTO items SELECT i, ARRAY[random(), random(), random()]::vector FROM generate_series(1, 3000) AS i;
    CREATE INDEX near ON items USING hnsw (embedding vector_l2_ops);
    CREATE INDEX many ON items USING ivfflat (embedding vector_l2_ops);`)
  expect(checks[0]).toMatchObject({
    result: 'ok',
    told: 'many (ivfflat, 100 lists for 3,000 rows), near (hnsw for 3,000 rows)'
  })
  expect(checks.slice(1).map(({ title }) => title)).toEqual(['Vector index items_1_embedding_idx1'])
})

test('an index of vectors that no search uses is a warning', async () => {
  const checks = await checksOf(`CREATE EXTENSION vector;
    CREATE TABLE items (at int, embedding vector(3)) PARTITION BY RANGE (at);
    CREATE TABLE items_1 PARTITION OF items FOR VALUES FROM (0) TO (10000);
    CREATE INDEX near ON ONLY items USING hnsw (embedding vector_l2_ops);`)
  expect(checks[0]).toMatchObject({ result: 'warning', problem: { code: 'database-invalid-index' } })
})
