import { describe, expect, test } from '@jest/globals'
import type { Column } from '../../../../actions/shared/migrations/operation.ts'
import { operationsIn, readChange } from './reading.ts'

async function added(words: string): Promise<Column> {
  const [operation] = await operationsIn(`alter table(:t) do\n  add ${words}\nend`)
  if (operation?.kind !== 'add-column') throw new Error(`no column in ${JSON.stringify(operation)}`)
  return operation.column
}

const type = (name: string, modifiers: readonly number[] = [], array = false) => ({ name, modifiers, array })

describe('a type of Ecto is the one that its adapter sends to PostgreSQL', () => {
  test.each([
    [':integer', type('int4')],
    [':bigint', type('int8')],
    [':id', type('int4')],
    [':binary_id', type('uuid')],
    [':uuid', type('uuid')],
    [':string', type('varchar', [255])],
    [':string, size: 40', type('varchar', [40])],
    [':text', type('text')],
    [':boolean', type('bool')],
    [':float', type('float8')],
    [':decimal', type('numeric')],
    [':decimal, precision: 10, scale: 2', type('numeric', [10, 2])],
    [':decimal, precision: 10', type('numeric', [10, 0])],
    [':binary', type('bytea')],
    [':map', type('jsonb')],
    ['{:map, :string}', type('jsonb')],
    ['{:array, :string}', type('varchar', [255], true)],
    [':date', type('date')],
    [':time', type('time', [0])],
    [':time_usec', type('time')],
    [':utc_datetime', type('timestamp', [0])],
    [':naive_datetime_usec', type('timestamp')],
    [':utc_datetime_usec, precision: 3', type('timestamp', [3])],
    [':timestamptz', type('timestamptz')],
    [':"timestamp with time zone"', type('timestamptz')],
    [':"varchar(20)[]"', type('varchar', [20], true)],
    [':citext', type('citext')],
    ['references(:users)', type('int8')],
    ['references(:users, type: :uuid)', type('uuid')],
    ['references(:users, type: :serial)', type('int4')]
  ])('%s', async (words, expected) => {
    expect((await added(`:c, ${words}`)).type).toEqual(expected)
  })

  test('a type that a function gives is not known, and that is told', async () => {
    const { statements, notAnalysed } = await readChange('alter table(:t) do\n  add :c, Org.Role.type()\nend')
    expect(statements[0]?.operations).toMatchObject([{ kind: 'add-column', column: { name: 'c', type: undefined } }])
    expect(notAnalysed.map(({ why }) => why)).toContain('a function of the application: Org.Role.type/0')
  })
})

describe('a default is classified by what PostgreSQL does with it', () => {
  test.each([
    ['default: 1', 'constant'],
    ['default: -1', 'constant'],
    ['default: "it\'s"', 'constant'],
    ['default: true', 'constant'],
    ['default: []', 'constant'],
    ['default: %{}', 'constant'],
    ['default: nil', 'null'],
    ['default: fragment("now()")', 'stable'],
    ['default: fragment("\'a\'::text")', 'constant'],
    ['default: fragment("gen_random_uuid()")', 'volatile'],
    ['default: fragment("own()")', 'unknown'],
    ['default: Org.default()', 'unknown'],
    ['default: :constructor', 'unknown'],
    ['null: true', 'none']
  ])('%s', async (options, kind) => {
    expect((await added(`:c, :text, ${options}`)).default.kind).toBe(kind)
  })
})

test.each([
  ['null: false', { notNull: true }],
  ['null: true', { notNull: false }],
  ['primary_key: true', { notNull: true }],
  ['generated: "ALWAYS AS (a * 2) STORED"', { generated: 'stored' }],
  ['generated: "ALWAYS AS (a * 2) VIRTUAL"', { generated: 'virtual' }],
  ['generated: "ALWAYS AS IDENTITY"', { identity: true, notNull: true }]
])('a column with %s', async (options, expected) => {
  expect(await added(`:c, :integer, ${options}`)).toMatchObject(expected)
})

test.each([
  [':serial', { type: type('int4'), serial: true, notNull: true }],
  [':bigserial', { type: type('int8'), serial: true, notNull: true }],
  [':identity', { type: type('int8'), identity: true, notNull: true }]
])('a column of type %s counts', async (words, expected) => {
  expect(await added(`:c, ${words}`)).toMatchObject(expected)
})

describe('a reference', () => {
  test.each([
    ['references(:users)', { name: 't_c_fkey', columns: ['c'], notValid: false, references: { name: 'users' } }],
    ['references("users", validate: false)', { notValid: true }],
    ['references(:users, name: :own)', { name: 'own' }],
    ['references(:users, name: "own", on_delete: :delete_all)', { name: 'own' }],
    ['references(:users, prefix: "auth")', { references: { schema: 'auth', name: 'users' } }],
    ['references(:users, with: [org_id: :org_id])', { columns: ['c', 'org_id'] }]
  ])('%s is a foreign key', async (words, expected) => {
    expect((await added(`:c, ${words}`)).constraints).toMatchObject([{ kind: 'foreign-key', ...expected }])
  })

  test('goes to a table of the same schema where it names none', async () => {
    const operations = await operationsIn('alter table(:t, prefix: "app") do\n  add :c, references(:users)\nend')
    expect(operations).toMatchObject([
      {
        table: { schema: 'app', name: 't' },
        column: { constraints: [{ references: { schema: 'app', name: 'users' } }] }
      }
    ])
  })
})

describe('timestamps', () => {
  const names = async (words: string) =>
    (await operationsIn(`alter table(:t) do\n  ${words}\nend`)).map((operation) =>
      operation.kind === 'add-column'
        ? [operation.column.name, operation.column.type?.name, operation.column.notNull, operation.column.default.kind]
        : []
    )

  test.each([
    [
      'timestamps()',
      [
        ['inserted_at', 'timestamp', true, 'none'],
        ['updated_at', 'timestamp', true, 'none']
      ]
    ],
    [
      'timestamps',
      [
        ['inserted_at', 'timestamp', true, 'none'],
        ['updated_at', 'timestamp', true, 'none']
      ]
    ],
    ['timestamps(updated_at: false)', [['inserted_at', 'timestamp', true, 'none']]],
    ['timestamps(inserted_at: :made_at, updated_at: false)', [['made_at', 'timestamp', true, 'none']]],
    ['timestamps(type: :timestamptz, updated_at: false)', [['inserted_at', 'timestamptz', true, 'none']]],
    ['timestamps(null: true, updated_at: false)', [['inserted_at', 'timestamp', false, 'none']]],
    ['timestamps(default: fragment("now()"), updated_at: false)', [['inserted_at', 'timestamp', true, 'stable']]]
  ])('%s', async (words, expected) => {
    expect(await names(words)).toEqual(expected)
  })
})

describe('modify sends what is written', () => {
  const t = { name: 't' }
  test.each([
    [':c, :text', [{ kind: 'alter-column-type', table: t, column: 'c', type: type('text') }]],
    [
      ':c, :text, from: :string',
      [{ kind: 'alter-column-type', table: t, column: 'c', type: type('text'), from: type('varchar', [255]) }]
    ],
    [':c, :text, null: false', [{ kind: 'alter-column-type' }, { kind: 'set-not-null', table: t, column: 'c' }]],
    [':c, :text, null: true', [{ kind: 'alter-column-type' }, { kind: 'drop-not-null', table: t, column: 'c' }]],
    [':c, :text, null: false, from: {:text, null: true}', [{ from: type('text') }, { kind: 'set-not-null' }]],
    [':c, :string, null: false, from: {:text, null: false}', [{ kind: 'alter-column-type', from: type('text') }]],
    [
      ':c, :text, default: "a"',
      [{ kind: 'alter-column-type' }, { kind: 'set-default', value: { kind: 'constant', text: "'a'" } }]
    ],
    [
      ':c, references(:users, on_delete: :delete_all), from: references(:users)',
      [
        { kind: 'drop-constraint', constraint: 't_c_fkey' },
        { kind: 'alter-column-type', type: type('int8'), from: type('int8') },
        { kind: 'add-constraint', constraint: { kind: 'foreign-key', references: { name: 'users' }, notValid: false } }
      ]
    ],
    [
      ':c, references(:users, validate: false), from: {references(:users, name: :own), null: true}',
      [
        { kind: 'drop-constraint', constraint: 'own' },
        { kind: 'alter-column-type' },
        { kind: 'add-constraint', constraint: { notValid: true } }
      ]
    ]
  ])('modify %s', async (words, expected) => {
    const operations = await operationsIn(`alter table(:t) do\n  modify ${words}\nend`)
    expect(operations).toMatchObject(expected)
    expect(operations).toHaveLength(expected.length)
  })

  test('without from: nothing is claimed of the type before', async () => {
    const [operation] = await operationsIn('alter table(:t) do\n  modify :c, :text\nend')
    expect(operation).not.toHaveProperty('from')
  })
})

test.each([
  ['remove :c', [{ kind: 'drop-column', table: { name: 't' }, column: 'c', cascade: false }]],
  ['remove :c, :text, default: "a"', [{ kind: 'drop-column', column: 'c' }]],
  ['remove_if_exists :c', [{ kind: 'drop-column', column: 'c' }]],
  ['remove_if_exists :c, :text', [{ kind: 'drop-column', column: 'c' }]],
  [
    'remove :c, references(:users)',
    [
      { kind: 'drop-constraint', constraint: 't_c_fkey' },
      { kind: 'drop-column', column: 'c' }
    ]
  ],
  ['add_if_not_exists :c, :text', [{ kind: 'add-column', ifNotExists: true, column: { name: 'c' } }]]
])('%s', async (words, expected) => {
  const operations = await operationsIn(`alter table(:t) do\n  ${words}\nend`)
  expect(operations).toMatchObject(expected)
  expect(operations).toHaveLength(expected.length)
})
