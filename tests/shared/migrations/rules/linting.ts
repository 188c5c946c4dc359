import { lint, type LintContext, type LintResult } from '../../../../actions/shared/migrations/lint.ts'
import type { Framework, ParsedMigration } from '../../../../actions/shared/migrations/migration.ts'
import { readEctoMigration } from '../../../../actions/shared/migrations/ecto/read-ecto-migration.ts'
import { readSqlMigration } from '../../../../actions/shared/migrations/sql/read-sql-migration.ts'
import { loadElixirParser, loadSqlParser } from '../../../../actions/shared/parsers.ts'

const sql = await loadSqlParser()
const elixir = await loadElixirParser()

export const context: LintContext = {
  postgres: 17,
  ectoLock: 'table',
  profile: 'default',
  rules: {},
  suppressions: true,
  timeoutsSet: false
}

/** A migration as the readers give it. Of Ecto's, only what stands in the module may be given. */
export function parsed(text: string, framework: Framework = 'sql', version = '20260101000000'): ParsedMigration {
  const isModule = framework !== 'ecto' || text.includes('defmodule')
  const whole = isModule ? text : `defmodule Acme.Repo.Migrations.Change do\n  use Ecto.Migration\n\n${text}\nend\n`
  const name = framework === 'ecto' ? `${version}_change.exs` : `${version}_change/migration.sql`
  const file = { path: `migrations/${name}`, framework, version, name: `${version}_change`, text: whole }
  return framework === 'ecto' ? readEctoMigration(file, elixir, sql) : readSqlMigration(file, sql)
}

export function linted(text: string, framework: Framework = 'sql', over: Partial<LintContext> = {}): LintResult {
  return lint([parsed(text, framework)], { ...context, ...over })
}

/** Names of what was found, once each. */
export function rulesIn({ findings }: Pick<LintResult, 'findings'>): readonly string[] {
  return [...new Set(findings.map(({ rule }) => rule))]
}

/** A recipe taken apart into the files that it tells to write. */
export function migrationsOf(recipe: { readonly language: string; readonly text: string }): readonly string[] {
  const begin = recipe.language === 'elixir' ? /^(?=# mix ecto\.gen\.migration )/m : /^(?=-- migration \d+ of \d+: )/m
  return recipe.text.split(begin).filter((part) => part.trim() !== '')
}
