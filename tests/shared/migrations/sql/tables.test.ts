import { describe, expect, test } from '@jest/globals'
import type { Operation } from '../../../../actions/shared/migrations/operation.ts'
import { operationsIn } from '../../../support/sql-migration.ts'

const t = { name: 't' }
const plain = {
  notNull: false,
  default: { kind: 'none', text: '' },
  serial: false,
  identity: false,
  generated: 'no',
  constraints: []
} as const
const check = { kind: 'check', notValid: false, provesNotNull: [] } as const
const type = (name: string, ...modifiers: number[]) => ({ name, modifiers, array: false })

const table: readonly (readonly [string, readonly Operation[]])[] = [
  [
    'ALTER TABLE app.t DROP COLUMN a',
    [{ kind: 'drop-column', table: { schema: 'app', name: 't' }, column: 'a', cascade: false }]
  ],
  [
    'ALTER TABLE "T" DROP a CASCADE, ALTER b SET NOT NULL, ALTER c DROP NOT NULL',
    [
      { kind: 'drop-column', table: { name: 'T' }, column: 'a', cascade: true },
      { kind: 'set-not-null', table: { name: 'T' }, column: 'b' },
      { kind: 'drop-not-null', table: { name: 'T' }, column: 'c' }
    ]
  ],
  [
    'ALTER TABLE IF EXISTS T ADD COLUMN IF NOT EXISTS A text',
    [{ kind: 'add-column', table: t, column: { name: 'a', type: type('text'), ...plain }, ifNotExists: true }]
  ],
  [
    "ALTER TABLE t ALTER a TYPE varchar(20) USING left(a, 20), ALTER b SET DEFAULT 'x', ALTER c DROP DEFAULT",
    [
      { kind: 'alter-column-type', table: t, column: 'a', type: type('varchar', 20), using: 'left(a, 20)' },
      { kind: 'set-default', table: t, column: 'b', value: { kind: 'constant', text: "'x'" } },
      { kind: 'set-default', table: t, column: 'c', value: { kind: 'none', text: '' } }
    ]
  ],
  ['ALTER TABLE t ALTER a SET EXPRESSION AS (b + 1)', [{ kind: 'set-expression', table: t, column: 'a' }]],
  [
    'ALTER TABLE t ADD CONSTRAINT f FOREIGN KEY (a, b) REFERENCES app.u (c, d) NOT VALID',
    [
      {
        kind: 'add-constraint',
        table: t,
        constraint: {
          kind: 'foreign-key',
          name: 'f',
          columns: ['a', 'b'],
          notValid: true,
          references: { schema: 'app', name: 'u' },
          provesNotNull: []
        }
      }
    ]
  ],
  [
    'ALTER TABLE t ADD CHECK (a IS NOT NULL AND (b IS NOT NULL) AND c > 0), ADD CHECK (d IS NOT NULL OR e)',
    [
      { kind: 'add-constraint', table: t, constraint: { ...check, columns: [], provesNotNull: ['a', 'b'] } },
      { kind: 'add-constraint', table: t, constraint: { ...check, columns: [] } }
    ]
  ],
  [
    'ALTER TABLE t ADD CHECK (a IS NOT NULL) NOT ENFORCED',
    [{ kind: 'add-constraint', table: t, constraint: { ...check, columns: ['a'], notValid: true } }]
  ],
  [
    'ALTER TABLE t ADD CONSTRAINT n NOT NULL a NOT VALID',
    [
      {
        kind: 'add-constraint',
        table: t,
        constraint: { kind: 'not-null', name: 'n', columns: ['a'], notValid: true, provesNotNull: ['a'] }
      }
    ]
  ],
  [
    'ALTER TABLE t ADD UNIQUE (a), ADD CONSTRAINT p PRIMARY KEY USING INDEX i, ADD EXCLUDE USING gist (a WITH =)',
    [
      {
        kind: 'add-constraint',
        table: t,
        constraint: { kind: 'unique', columns: ['a'], notValid: false, provesNotNull: [] }
      },
      {
        kind: 'add-constraint',
        table: t,
        constraint: { kind: 'primary-key', name: 'p', columns: [], notValid: false, usingIndex: 'i', provesNotNull: [] }
      },
      {
        kind: 'add-constraint',
        table: t,
        constraint: { kind: 'exclude', columns: ['a'], notValid: false, provesNotNull: [] }
      }
    ]
  ],
  [
    'ALTER TABLE t VALIDATE CONSTRAINT c, DROP CONSTRAINT IF EXISTS d',
    [
      { kind: 'validate-constraint', table: t, constraint: 'c' },
      { kind: 'drop-constraint', table: t, constraint: 'd' }
    ]
  ],
  ['ALTER TABLE t ATTACH PARTITION p DEFAULT', [{ kind: 'attach-partition', table: t, partition: { name: 'p' } }]],
  [
    'ALTER TABLE t DETACH PARTITION p CONCURRENTLY; ALTER TABLE t DETACH PARTITION q',
    [
      { kind: 'detach-partition', table: t, partition: { name: 'p' }, concurrently: true },
      { kind: 'detach-partition', table: t, partition: { name: 'q' }, concurrently: false }
    ]
  ],
  [
    'ALTER TABLE t SET TABLESPACE fast, SET UNLOGGED, SET ACCESS METHOD heap',
    [
      { kind: 'set-tablespace', table: t },
      { kind: 'set-logged', table: t },
      { kind: 'set-access-method', table: t }
    ]
  ],
  [
    'ALTER TABLE t DISABLE TRIGGER ALL, ENABLE TRIGGER g',
    [
      { kind: 'switch-trigger', table: t, trigger: 'ALL' },
      { kind: 'switch-trigger', table: t, trigger: 'g' }
    ]
  ],
  [
    'ALTER TABLE t ENABLE ROW LEVEL SECURITY, NO FORCE ROW LEVEL SECURITY',
    [
      { kind: 'row-level-security', table: t, change: 'enable' },
      { kind: 'row-level-security', table: t, change: 'no-force' }
    ]
  ],
  [
    'ALTER TABLE t OWNER TO admin, ALTER a SET STATISTICS 5',
    [
      { kind: 'other', what: 'ALTER TABLE' },
      { kind: 'other', what: 'ALTER TABLE' }
    ]
  ],
  ['ALTER INDEX i SET TABLESPACE fast', [{ kind: 'other', what: 'ALTER INDEX' }]],
  ['ALTER VIEW v ALTER a SET DEFAULT 1', [{ kind: 'other', what: 'ALTER VIEW' }]],
  [
    'CREATE TEMP TABLE IF NOT EXISTS t (a int, CONSTRAINT k PRIMARY KEY (a))',
    [
      {
        kind: 'create-table',
        table: t,
        columns: [{ name: 'a', type: type('int4'), ...plain }],
        constraints: [{ kind: 'primary-key', name: 'k', columns: ['a'], notValid: false, provesNotNull: [] }],
        temporary: true,
        ifNotExists: true,
        filled: false
      }
    ]
  ],
  [
    'CREATE TABLE t PARTITION OF app.u FOR VALUES FROM (1) TO (2)',
    [
      {
        kind: 'create-table',
        table: t,
        columns: [],
        constraints: [],
        temporary: false,
        ifNotExists: false,
        filled: false,
        partitionOf: { schema: 'app', name: 'u' }
      }
    ]
  ],
  ...(
    [
      ['CREATE TABLE t AS SELECT * FROM u', true],
      ['SELECT * INTO t FROM u', true],
      ['CREATE TABLE t AS SELECT * FROM u WITH NO DATA', false]
    ] as const
  ).map(([sql, filled]): readonly [string, readonly Operation[]] => [
    sql,
    [
      { kind: 'create-table', table: t, columns: [], constraints: [], temporary: false, ifNotExists: false, filled },
      ...(sql.startsWith('SELECT') ? [{ kind: 'other', what: 'SELECT' } as const] : [])
    ]
  ]),
  [
    'DROP TABLE IF EXISTS t, app.u CASCADE',
    [
      { kind: 'drop-table', table: t, ifExists: true, cascade: true },
      { kind: 'drop-table', table: { schema: 'app', name: 'u' }, ifExists: true, cascade: true }
    ]
  ],
  ['ALTER TABLE t RENAME TO u', [{ kind: 'rename-table', table: t, to: 'u' }]],
  ['ALTER TABLE t RENAME a TO b', [{ kind: 'rename-column', table: t, column: 'a', to: 'b' }]],
  ['ALTER VIEW t RENAME COLUMN a TO b', [{ kind: 'other', what: 'ALTER VIEW' }]],
  ['ALTER TABLE t RENAME CONSTRAINT a TO b', [{ kind: 'rename-constraint', table: t, constraint: 'a', to: 'b' }]],
  ['ALTER TABLE t SET SCHEMA app', [{ kind: 'move-table', table: t, schema: 'app' }]],
  ['TRUNCATE t, u CASCADE', [{ kind: 'truncate', tables: [t, { name: 'u' }], cascade: true }]],
  [
    'CLUSTER t USING i; VACUUM FULL t',
    [
      { kind: 'cluster', table: t },
      { kind: 'vacuum-full', table: t }
    ]
  ],
  [
    'VACUUM (FULL false) t; ANALYZE t',
    [
      { kind: 'other', what: 'VACUUM' },
      { kind: 'other', what: 'ANALYZE' }
    ]
  ],
  ['LOCK TABLE t', [{ kind: 'lock-table', table: t, mode: 'ACCESS EXCLUSIVE' }]],
  ['LOCK t IN SHARE MODE', [{ kind: 'lock-table', table: t, mode: 'SHARE' }]]
]

describe('what SQL does to tables', () => {
  test.each(table)('%s', async (sql, operations) => {
    expect(await operationsIn(sql)).toEqual(operations)
  })
})

describe('a column', () => {
  const columnOf = async (written: string) => {
    const [operation] = await operationsIn(`ALTER TABLE t ADD COLUMN ${written}`)
    return operation?.kind === 'add-column' ? operation.column : undefined
  }

  test.each([
    ['a int', type('int4')],
    ['a int4', type('int4')],
    ['a bigint', type('int8')],
    ['a double precision', type('float8')],
    ['a boolean', type('bool')],
    ['a decimal(10, 2)', type('numeric', 10, 2)],
    ['a character varying(20)', type('varchar', 20)],
    ['a char(2)', type('bpchar', 2)],
    ['a timestamp(3)', type('timestamp', 3)],
    ['a timestamp with time zone', type('timestamptz')],
    ['a timestamptz', type('timestamptz')],
    ['a bigserial', type('int8')],
    ['a int[]', { ...type('int4'), array: true }],
    ['a "Role"', type('Role')],
    ['a app."Role"', { schema: 'app', ...type('Role') }],
    ['a geometry(Point, 4326)', type('geometry', 4326)]
  ])('%s has the type as PostgreSQL names it', async (written, expected) => {
    expect((await columnOf(written))?.type).toEqual(expected)
  })

  test.each([
    ['a int NOT NULL', true],
    ['a int PRIMARY KEY', true],
    ['a serial', true],
    ['a int GENERATED ALWAYS AS IDENTITY', true],
    ['a int NULL', false],
    ['a int UNIQUE', false]
  ])('%s is NOT NULL: %s', async (written, notNull) => {
    expect((await columnOf(written))?.notNull).toBe(notNull)
  })

  test.each([
    ['a int GENERATED ALWAYS AS (b + 1) STORED', 'stored'],
    ['a int GENERATED ALWAYS AS (b + 1) VIRTUAL', 'virtual'],
    ['a int GENERATED ALWAYS AS (b + 1)', 'virtual'],
    ['a int GENERATED BY DEFAULT AS IDENTITY', 'no']
  ])('%s is generated: %s', async (written, generated) => {
    expect((await columnOf(written))?.generated).toBe(generated)
  })

  test('keeps the constraints that are written with it, on itself', async () => {
    expect((await columnOf('a int CONSTRAINT k UNIQUE REFERENCES u (id) CHECK (a IS NOT NULL)'))?.constraints).toEqual([
      { kind: 'unique', name: 'k', columns: ['a'], notValid: false, provesNotNull: [] },
      { kind: 'foreign-key', columns: ['a'], notValid: false, references: { name: 'u' }, provesNotNull: [] },
      { kind: 'check', columns: ['a'], notValid: false, provesNotNull: ['a'] }
    ])
  })
})
