import { describe, expect, test } from '@jest/globals'
import type { Operation } from '../../../../actions/shared/migrations/operation.ts'
import { operationsIn, readSql } from '../../../support/sql-migration.ts'

const t = { name: 't' }
const index = { kind: 'create-index', table: t, concurrently: false, unique: false, ifNotExists: false } as const

const indexes: readonly (readonly [string, readonly Operation[]])[] = [
  ['CREATE INDEX ON t (a, lower(b))', [{ ...index, columns: ['a', ''] }]],
  [
    'CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS i ON t (a)',
    [{ ...index, index: 'i', concurrently: true, unique: true, ifNotExists: true, columns: ['a'] }]
  ],
  [
    'DROP INDEX CONCURRENTLY IF EXISTS app.i',
    [{ kind: 'drop-index', index: 'i', schema: 'app', concurrently: true, ifExists: true }]
  ],
  ['ALTER INDEX i RENAME TO j', [{ kind: 'rename-index', index: 'i', to: 'j' }]],
  ['REINDEX INDEX CONCURRENTLY i', [{ kind: 'reindex', what: 'index', name: 'i', concurrently: true }]],
  ['REINDEX (CONCURRENTLY false) TABLE t', [{ kind: 'reindex', what: 'table', name: 't', concurrently: false }]],
  ['REINDEX SCHEMA app', [{ kind: 'reindex', what: 'schema', name: 'app', concurrently: false }]],
  ['REINDEX SYSTEM d', [{ kind: 'reindex', what: 'database', name: 'd', concurrently: false }]]
]

const types: readonly (readonly [string, readonly Operation[]])[] = [
  ["CREATE TYPE \"E\" AS ENUM ('a', 'b')", [{ kind: 'create-enum', type: { name: 'E' }, values: ['a', 'b'] }]],
  [
    "ALTER TYPE app.e ADD VALUE IF NOT EXISTS 'c' BEFORE 'a'",
    [{ kind: 'add-enum-value', type: { schema: 'app', name: 'e' }, value: 'c', ordered: true, ifNotExists: true }]
  ],
  [
    "ALTER TYPE e ADD VALUE 'd'",
    [{ kind: 'add-enum-value', type: { name: 'e' }, value: 'd', ordered: false, ifNotExists: false }]
  ],
  ["ALTER TYPE e RENAME VALUE 'a' TO 'z'", [{ kind: 'rename-enum-value', type: { name: 'e' }, value: 'a', to: 'z' }]],
  [
    'ALTER TYPE e RENAME TO f; DROP TYPE e',
    [
      { kind: 'rename-type', type: { name: 'e' } },
      { kind: 'drop-type', type: { name: 'e' } }
    ]
  ],
  [
    'CREATE DOMAIN d AS int CHECK (VALUE > 0)',
    [{ kind: 'domain-constraint', domain: { name: 'd' }, notValid: false, created: true }]
  ],
  ['CREATE DOMAIN d AS int', [{ kind: 'other', what: 'CREATE DOMAIN' }]],
  [
    'ALTER DOMAIN d ADD CHECK (VALUE > 0) NOT VALID',
    [{ kind: 'domain-constraint', domain: { name: 'd' }, notValid: true, created: false }]
  ],
  [
    'ALTER DOMAIN d SET NOT NULL',
    [{ kind: 'domain-constraint', domain: { name: 'd' }, notValid: false, created: false }]
  ],
  ['ALTER DOMAIN d DROP NOT NULL', [{ kind: 'other', what: 'ALTER DOMAIN' }]]
]

const rest: readonly (readonly [string, readonly Operation[]])[] = [
  ['CREATE SCHEMA app', [{ kind: 'create-schema', schema: 'app' }]],
  [
    'CREATE SCHEMA app CREATE VIEW v AS SELECT 1',
    [
      { kind: 'create-schema', schema: 'app' },
      { kind: 'create-view', view: { name: 'v' } }
    ]
  ],
  [
    'DROP SCHEMA a, b; ALTER SCHEMA a RENAME TO c',
    [
      { kind: 'drop-schema', schema: 'a' },
      { kind: 'drop-schema', schema: 'b' },
      { kind: 'rename-schema', schema: 'a', to: 'c' }
    ]
  ],
  ['DROP DATABASE d', [{ kind: 'drop-database', database: 'd' }]],
  ['CREATE MATERIALIZED VIEW v AS SELECT 1', [{ kind: 'create-view', view: { name: 'v' } }]],
  [
    'DROP VIEW v; DROP MATERIALIZED VIEW app.m',
    [
      { kind: 'drop-view', view: { name: 'v' } },
      { kind: 'drop-materialized-view', view: { schema: 'app', name: 'm' } }
    ]
  ],
  [
    'REFRESH MATERIALIZED VIEW CONCURRENTLY v',
    [{ kind: 'refresh-materialized-view', view: { name: 'v' }, concurrently: true }]
  ],
  ['CREATE TRIGGER g BEFORE INSERT ON t EXECUTE FUNCTION f()', [{ kind: 'create-trigger', table: t, trigger: 'g' }]],
  ['DROP TRIGGER IF EXISTS g ON app.t', [{ kind: 'drop-trigger', table: { schema: 'app', name: 't' }, trigger: 'g' }]],
  [
    'CREATE POLICY p ON t; ALTER POLICY p ON t USING (true); DROP POLICY p ON t',
    [
      { kind: 'policy', table: t, change: 'create' },
      { kind: 'policy', table: t, change: 'alter' },
      { kind: 'policy', table: t, change: 'drop' }
    ]
  ],
  ['CREATE EXTENSION IF NOT EXISTS "uuid-ossp"', [{ kind: 'create-extension', extension: 'uuid-ossp' }]],
  ['DROP EXTENSION vector', [{ kind: 'drop-extension', extension: 'vector' }]],
  [
    "CREATE FUNCTION app.f() RETURNS int SECURITY DEFINER SET search_path = '' LANGUAGE sql AS 'DROP TABLE t'",
    [{ kind: 'create-function', name: 'app.f', securityDefiner: true, searchPath: true }]
  ],
  [
    "CREATE OR REPLACE FUNCTION f() RETURNS int SECURITY INVOKER LANGUAGE sql AS 'SELECT 1'",
    [{ kind: 'create-function', name: 'f', securityDefiner: false, searchPath: false }]
  ],
  [
    'CREATE ROLE r SUPERUSER; ALTER ROLE r NOSUPERUSER',
    [
      { kind: 'role', superuser: true },
      { kind: 'role', superuser: false }
    ]
  ],
  [
    'GRANT SELECT ON t, u TO r; REVOKE r FROM s',
    [
      { kind: 'grant', on: 'table t, u' },
      { kind: 'revoke', on: 'role' }
    ]
  ],
  [
    "COPY t FROM PROGRAM 'curl'; COPY t FROM '/tmp/t'",
    [
      { kind: 'copy', program: true },
      { kind: 'copy', program: false }
    ]
  ],
  [
    'BEGIN; SAVEPOINT a; COMMIT; ROLLBACK',
    [{ kind: 'begin' }, { kind: 'other', what: 'SAVEPOINT' }, { kind: 'commit' }, { kind: 'rollback' }]
  ],
  [
    "SET LOCAL lock_timeout = '5s'; SET statement_timeout TO 0; RESET lock_timeout; SET search_path = a, b",
    [
      { kind: 'set-parameter', name: 'lock_timeout', value: '5s', local: true },
      { kind: 'set-parameter', name: 'statement_timeout', value: '0', local: false },
      { kind: 'set-parameter', name: 'lock_timeout', value: 'DEFAULT', local: false },
      { kind: 'set-parameter', name: 'search_path', value: 'a, b', local: false }
    ]
  ],
  [
    "SELECT pg_catalog.set_config('search_path', '', false)",
    [{ kind: 'set-parameter', name: 'search_path', value: '', local: false }]
  ],
  ['SET TRANSACTION ISOLATION LEVEL SERIALIZABLE', [{ kind: 'other', what: 'SET' }]],
  [
    "COMMENT ON TABLE t IS 'x'; CREATE SEQUENCE s",
    [
      { kind: 'other', what: 'COMMENT' },
      { kind: 'other', what: 'CREATE SEQUENCE' }
    ]
  ]
]

const rows: readonly (readonly [string, readonly Operation[]])[] = [
  ['UPDATE t SET a = 1, (b, a) = (1, 2)', [{ kind: 'update', table: t, where: false, columns: ['a', 'b', 'a'] }]],
  ['DELETE FROM t WHERE a = 1', [{ kind: 'delete', table: t, where: true, columns: [] }]],
  ['INSERT INTO t VALUES (1), (2)', [{ kind: 'insert', table: t, rows: 2 }]],
  ['INSERT INTO t DEFAULT VALUES', [{ kind: 'insert', table: t, rows: 1 }]],
  ['INSERT INTO t SELECT * FROM u', [{ kind: 'insert', table: t, rows: undefined }]],
  [
    'WITH gone AS (DELETE FROM t RETURNING *) INSERT INTO u SELECT * FROM gone',
    [
      { kind: 'delete', table: t, where: false, columns: [] },
      { kind: 'insert', table: { name: 'u' }, rows: undefined }
    ]
  ],
  [
    'WITH done AS (UPDATE t SET a = 1 RETURNING *) SELECT count(*) FROM done',
    [{ kind: 'update', table: t, where: false, columns: ['a'] }]
  ],
  [
    'MERGE INTO t USING u ON t.a = u.a WHEN MATCHED THEN DELETE',
    [{ kind: 'update', table: t, where: true, columns: [] }]
  ]
]

describe.each([
  ['indexes', indexes],
  ['types', types],
  ['schemas, views, triggers, roles, transactions and parameters', rest],
  ['rows', rows]
])('what SQL does to %s', (_, table) => {
  test.each(table)('%s', async (sql, operations) => {
    expect(await operationsIn(sql)).toEqual(operations)
  })
})

test('a procedure is told as not analysed', async () => {
  const { statements, notAnalysed } = await readSql('CALL app.move_rows(1)')
  expect(statements[0]?.operations[0]?.kind).toBe('unknown')
  expect(notAnalysed).toEqual([
    expect.objectContaining({ partly: true, why: expect.stringContaining('app.move_rows') })
  ])
})

test("a statement's string constants are kept, wherever they stand in it", async () => {
  const { statements } = await readSql(
    "INSERT INTO t VALUES ('a', 1, ARRAY['b']);ALTER TABLE t ALTER r SET DEFAULT 'ADMIN'::role;ALTER TYPE r ADD VALUE 'NEW'"
  )
  expect(statements.map(({ literals }) => literals)).toEqual([['a', 'b'], ['ADMIN'], []])
})
