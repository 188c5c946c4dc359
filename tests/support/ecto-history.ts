import { randomFrom } from './random.ts'

/** A migration of Ecto in a generated history. */
export interface GeneratedEctoMigration {
  /** 14 digits. */
  readonly version: string
  readonly name: string
  readonly text: string
}

type Pick = (from: readonly string[]) => string
type Writer = (pick: Pick, number: number) => string

const tables = ['users', 'accounts', 'sessions', 'orders', 'invoices', 'products', 'teams', 'audit_logs']
const columns = ['email', 'status', 'amount', 'note', 'owner_id', 'external_id', 'archived_at', 'position']
const types = [':string', ':text', ':integer', ':bigint', ':boolean', ':map', ':utc_datetime_usec', '{:array, :string}']

const alter = (table: string, ...lines: readonly string[]): string =>
  [`alter table(:${table}) do`, ...lines.map((line) => `  ${line}`), 'end'].join('\n')

/** As people write them, about as often as in histories of real projects. */
const writers: readonly (readonly [weight: number, Writer])[] = [
  [24, (pick) => alter(pick(tables), `add :${pick(columns)}, ${pick(types)}`)],
  [6, (pick) => alter(pick(tables), `add :${pick(columns)}, ${pick(types)}, null: false, default: fragment("now()")`)],
  [8, (pick) => alter(pick(tables), `add :${pick(columns)}, references(:${pick(tables)}, on_delete: :delete_all)`)],
  [18, (pick) => `create index(:${pick(tables)}, [:${pick(columns)}, :${pick(columns)}])`],
  [6, (pick, number) => `create unique_index(:${pick(tables)}, [:${pick(columns)}], name: :key_${number})`],
  [
    16,
    (pick, number) =>
      [
        `create table(:${pick(tables)}_${number}, primary_key: false) do`,
        '  add :id, :binary_id, primary_key: true',
        `  add :${pick(columns)}, ${pick(types)}, null: false`,
        `  add :parent_id, references(:${pick(tables)}, type: :binary_id)`,
        '  timestamps(type: :utc_datetime_usec)',
        'end'
      ].join('\n')
  ],
  [6, (pick) => alter(pick(tables), `modify :${pick(columns)}, :text, from: :string`)],
  [3, (pick) => alter(pick(tables), `modify :${pick(columns)}, :bigint, null: false`)],
  [6, (pick) => alter(pick(tables), `remove :${pick(columns)}, ${pick(types)}`)],
  [2, (pick) => `drop table(:${pick(tables)})`],
  [2, (pick) => `rename table(:${pick(tables)}), :${pick(columns)}, to: :renamed`],
  [
    6,
    (pick) => `execute("UPDATE ${pick(tables)} SET ${pick(columns)} = NULL WHERE ${pick(columns)} = 'äöü'", "SELECT 1")`
  ],
  [
    2,
    (pick) =>
      `for column <- [:${pick(columns)}, :other] do\n  execute("ALTER TABLE ${pick(tables)} ALTER COLUMN #{column} SET NOT NULL", "")\nend`
  ],
  [
    2,
    (pick, number) =>
      `create constraint(:${pick(tables)}, :check_${number}, check: "${pick(columns)} IS NOT NULL", validate: false)`
  ]
]

/** A history of Ecto: the same for the same seed. Two thirds of the migrations have one command, as in real ones. */
export function ectoHistory(seed: number, migrations: number): readonly GeneratedEctoMigration[] {
  const random = randomFrom(seed)
  const pick: Pick = (from) => from[random(from.length)] ?? ''
  const all = writers.flatMap(([weight, writer]) => Array.from({ length: weight }, () => writer))
  return Array.from({ length: migrations }, (_, index) => {
    const number = random(3) === 0 ? 2 + random(5) : 1
    const commands = Array.from({ length: number }, (__, at) => all[random(all.length)]?.(pick, index * 100 + at) ?? '')
    const body = commands.join('\n\n').replace(/^(?=.)/gm, '    ')
    const version = new Date(Date.UTC(2024, 0, 1) + index * 3_600_000).toISOString().replace(/\D/g, '').slice(0, 14)
    const text = `defmodule Acme.Repo.Migrations.Change${index} do\n  use Ecto.Migration\n\n  def change do\n${body}\n  end\nend\n`
    return { version, name: `change_${index}`, text }
  })
}
