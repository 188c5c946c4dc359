import { expect, test } from '@jest/globals'
import type { Operation } from '../../../../actions/shared/migrations/operation.ts'
import { readSql } from '../../../support/sql-migration.ts'
import { readChange } from '../ecto/reading.ts'

/** The texts of an operation that a recipe is made of. */
function texts(operation: Operation): readonly unknown[] {
  if (operation.kind === 'create-index') return [operation.written]
  if (operation.kind === 'add-constraint') return [operation.constraint.written]
  if (operation.kind === 'alter-column-type') return [operation.type.written]
  if (operation.kind !== 'add-column') return []
  const { type, default: value, constraints } = operation.column
  return [type?.written, value.text, ...constraints.map(({ written }) => written)]
}

const sql: readonly (readonly [string, readonly unknown[]])[] = [
  [
    'ALTER TABLE t ADD CONSTRAINT "check" CHECK (a > \')\') NO INHERIT NOT VALID -- why\n;',
    ["CHECK (a > ')') NO INHERIT"]
  ],
  ['ALTER TABLE é ADD CONSTRAINT "ä" CHECK (a > 0), ADD CHECK (b > 0)', ['CHECK (a > 0)', 'CHECK (b > 0)']],
  [
    'ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES u MATCH FULL ON DELETE SET NULL (a) NOT VALID DEFERRABLE',
    ['FOREIGN KEY (a) REFERENCES u MATCH FULL ON DELETE SET NULL (a) DEFERRABLE']
  ],
  [
    'ALTER TABLE t ADD d interval day to second(3) COMPRESSION lz4 DEFAULT (a + 1) * 2 /* why */ COLLATE "C" NOT NULL REFERENCES u ON UPDATE CASCADE DEFERRABLE INITIALLY DEFERRED CHECK (d > 1), ADD e serial',
    [
      'interval day to second(3) COMPRESSION lz4 COLLATE "C"',
      '(a + 1) * 2',
      'FOREIGN KEY ("d") REFERENCES u ON UPDATE CASCADE DEFERRABLE INITIALLY DEFERRED',
      'CHECK (d > 1)',
      undefined,
      ''
    ]
  ],
  [
    'ALTER TABLE t ALTER a TYPE geometry(Point, 4326) USING f(a, 1), ALTER b TYPE "char"',
    ['geometry(Point, 4326)', '"char"']
  ],
  [
    'CREATE INDEX ON "T" USING gin (lower(a) gin_trgm_ops) WHERE b; DROP TABLE x',
    ['"T" USING gin (lower(a) gin_trgm_ops) WHERE b']
  ],
  ['CREATE INDEX i ON ONLY t (a)', [undefined]],
  ['DO $$ BEGIN CREATE INDEX i ON t (a) WHERE b; END $$', ['t (a) WHERE b']]
]

test.each(sql)('%s', async (text, wanted) => {
  const { statements } = await readSql(text)
  expect(statements.flatMap(({ operations }) => operations.flatMap(texts))).toEqual(wanted)
})

const dsl: readonly (readonly [string, readonly unknown[]])[] = [
  [
    'create index(:t, [:a, desc_nulls_last: :b, asc: "lower(c)"], prefix: "x", using: :gin, where: "a > 1", include: [:d], nulls_distinct: false)',
    ['"x"."t" USING gin ("a", "b" DESC NULLS LAST, lower(c) ASC) INCLUDE ("d") NULLS NOT DISTINCT WHERE a > 1']
  ],
  ['for t <- [:a, :b], do: create(unique_index(t, [:x]))', ['"a" ("x")', '"b" ("x")']],
  ['create index(:t, [:a], where: "a = #{value()}")', [undefined]],
  ['create index(:t, [:a], comment: "why")', [undefined]],
  [
    'alter table(:t, prefix: "x") do\n  add :a, references(:u, column: :uid, with: [b: :c], match: :full, on_delete: {:nilify, [:a]}, on_update: :update_all)\nend',
    [
      'bigint',
      '',
      'FOREIGN KEY ("a", "b") REFERENCES "x"."u" ("uid", "c") MATCH FULL ON DELETE SET NULL ("a") ON UPDATE CASCADE'
    ]
  ],
  ['alter table(:t) do\n  add :a, references(:u, on_delete: action())\nend', ['bigint', '', undefined]],
  ['alter table(:t) do\n  add :a, :string, collation: "C", default: "x"\nend', ['varchar(255) COLLATE "C"', "'x'"]],
  ['alter table(:t) do\n  add :a, {:array, :map}, default: [1]\nend', ['jsonb[]', '']],
  ['create constraint(:t, :c, check: "a > 1")', ['CHECK (a > 1)']]
]

test.each(dsl)('Ecto’s words: %s', async (text, wanted) => {
  const { statements } = await readChange(text)
  expect(statements.flatMap(({ operations }) => operations.flatMap(texts))).toEqual(wanted)
})
