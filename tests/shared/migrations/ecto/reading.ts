import { readEctoMigration } from '../../../../actions/shared/migrations/ecto/read-ecto-migration.ts'
import type { ParsedMigration } from '../../../../actions/shared/migrations/migration.ts'
import type { Operation } from '../../../../actions/shared/migrations/operation.ts'
import { loadElixirParser, loadSqlParser } from '../../../../actions/shared/parsers.ts'
import { withoutTexts } from '../../../support/sql-migration.ts'

/** A whole file. */
export async function readFile(text: string): Promise<ParsedMigration> {
  const file = { path: 'priv/repo/migrations/20260101000000_a.exs', framework: 'ecto', version: '', name: '' } as const
  return readEctoMigration({ ...file, text }, await loadElixirParser(), await loadSqlParser())
}

/** What stands inside of the module. The first line of it is line 3 of the file. */
export async function readModule(body: string): Promise<ParsedMigration> {
  return readFile(`defmodule Org.Repo.Migrations.A do\n  use Ecto.Migration\n${body}\nend\n`)
}

/** What stands inside of `change`. The first line of it is line 4 of the file. */
export async function readChange(body: string): Promise<ParsedMigration> {
  return readModule(`  def change do\n${body}\n  end`)
}

/** Operations of a `change`, in order. */
export async function operationsIn(body: string): Promise<readonly Operation[]> {
  return operationsOf(await readChange(body))
}

export function operationsOf(migration: ParsedMigration, direction: 'up' | 'down' = 'up'): readonly Operation[] {
  return migration.statements
    .filter((statement) => statement.direction === direction)
    .flatMap(({ operations }) => withoutTexts(operations))
}
