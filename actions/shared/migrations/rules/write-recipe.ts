import type { Recipe } from '../finding.ts'
import type { ParsedMigration } from '../migration.ts'
import type { TableName } from '../operation.ts'
import { isInterpolated } from '../sql/interpolation.ts'
import { isSelfContained } from './dsl-text.ts'
import type { SafeCommand, SafeStep, SafeWay } from './safe-way.ts'

/**
 * A safe way as files of the tool that the migration is written for, one below the other.
 *
 * @returns undefined where there is no step, or a part of one is known only when the migration runs
 */
export function writeRecipe(way: SafeWay, migration: ParsedMigration): Recipe | undefined {
  if (way.steps.length === 0 || way.steps.some(({ commands }) => commands.some(isComputed))) return undefined
  const steps = way.steps.map((step) => ({ ...step, name: plainName(step.name) }))
  switch (migration.file.framework) {
    case 'ecto':
      return { language: 'elixir', text: steps.map((step) => ectoModule(step, migration)).join('\n\n') }
    case 'prisma':
      return { language: 'sql', text: numbered(steps, prismaCommand) }
    case 'sql':
      return { language: 'sql', text: numbered(steps, ({ name }) => `a file of its own, such as ${name}.sql`) }
  }
}

/** Ecto's words that stand by themselves are right where they are; all else must be plain SQL. */
function isComputed({ sql, ecto }: SafeCommand): boolean {
  return (ecto === undefined || !isSelfContained(ecto)) && (isInterpolated(sql) || sql.includes('#{'))
}

/** A name becomes part of a command that people paste, and a pull request says what folders and tables are called. */
function plainName(name: string): string {
  return name.replace(/[^\p{L}\p{N}_]+/gu, '_')
}

function prismaCommand({ name }: SafeStep): string {
  return `npx prisma migrate dev --create-only --name ${name}`
}

/** Every migration begins with a line `-- migration 1 of 3: …`. */
function numbered(steps: readonly SafeStep[], where: (step: SafeStep) => string): string {
  return steps
    .map((step, at) => {
      const head = `-- migration ${at + 1} of ${steps.length}: ${where(step)}`
      const body = step.commands.map(
        ({ sql, acknowledges, because }) => `${ignore('--', acknowledges, because)}${sql};`
      )
      const together = step.together === true && !step.commands.some(({ sql }) => /^\s*BEGIN\b/i.test(sql))
      return [head, `-- ${step.says}`, ...(together ? ['BEGIN;', ...body, 'COMMIT;'] : body)].join('\n')
    })
    .join('\n\n')
}

function ignore(comment: '--' | '#', rule: string | undefined, because = 'no release uses it any more'): string {
  return rule === undefined ? '' : `${comment} migration-guard: ignore ${rule}: ${because}\n`
}

function ectoModule(step: SafeStep, migration: ParsedMigration): string {
  const written = /^[A-Z]\w*(?:\.[A-Z]\w*)*$/.exec(migration.ecto?.module ?? '')?.[0] ?? ''
  const prefix = written.replace(/\.?[^.]*$/, '')
  const module = `${prefix === '' ? 'MyApp.Repo.Migrations' : prefix}.${camelized(step.name)}`
  const attributes = step.alone ? ['  @disable_ddl_transaction true', '  @disable_migration_lock true', ''] : []
  return [
    `# mix ecto.gen.migration ${step.name}`,
    `# ${step.says}`,
    `defmodule ${module} do`,
    '  use Ecto.Migration',
    '',
    ...attributes,
    '  def change do',
    ...step.commands.flatMap((command) => indented(ectoCommand(command))),
    '  end',
    'end'
  ].join('\n')
}

/** A name that mix ecto.gen.migration would give the module. */
function camelized(name: string): string {
  const parts = name.split(/[^A-Za-z0-9]+/).filter((part) => part !== '')
  const joined = parts.map((part) => part.charAt(0).toUpperCase() + part.slice(1)).join('')
  return /^[A-Z]/.test(joined) ? joined : `M${joined}`
}

function indented(text: string): readonly string[] {
  return text === ''
    ? []
    : text
        .trimEnd()
        .split('\n')
        .map((line) => (line === '' ? '' : `    ${line}`))
}

function ectoCommand({ ecto, sql, undo, acknowledges, because, inTable }: SafeCommand): string {
  const comment = ignore('#', acknowledges, because)
  if (ecto === undefined || !isSelfContained(ecto))
    return `${comment}execute(${elixirString(sql)}, ${elixirString(undo ?? '')})`
  const words = `${comment}${dedented(ecto)}`
  if (inTable === undefined) return words
  return [`alter table(${ectoTable(inTable)}) do`, ...words.split('\n').map((line) => `  ${line}`), 'end'].join('\n')
}

function ectoTable({ schema, name }: TableName): string {
  const prefix = schema === undefined ? '' : `, prefix: ${elixirString(schema)}`
  return /^[a-z_][a-z0-9_]*$/.test(name) ? `:${name}${prefix}` : `:"${name.replace(/["\\#]/g, '\\$&')}"${prefix}`
}

/** Lines after the first keep the depth that they have below it. */
function dedented(text: string): string {
  const [first = '', ...rest] = text.trim().split('\n')
  const depths = rest.filter((line) => line.trim() !== '').map((line) => /^\s*/.exec(line)?.[0].length ?? 0)
  const depth =
    rest.at(-1)?.trim().startsWith('end') === true ? Math.min(...depths) : Math.max(0, Math.min(...depths) - 2)
  return [first, ...rest.map((line) => line.slice(Math.min(depth, /^\s*/.exec(line)?.[0].length ?? 0)))].join('\n')
}

function elixirString(text: string): string {
  const escaped = text.replaceAll('\\', '\\\\').replaceAll('#{', '\\#{')
  if (!text.includes('"') && !text.includes('\n')) return `"${escaped}"`
  return `"""\n${escaped.replaceAll('"""', '\\"""')}\n"""`
}
