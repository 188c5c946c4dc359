import type { ElixirParser, SqlParser } from '../../parsers.ts'
import type { EctoFacts, MigrationFile, ParsedMigration } from '../migration.ts'
import { evaluateBody } from './evaluate.ts'
import { readModules, type FunctionClause, type ModuleText } from './functions.ts'
import { tellNotAnalysed, type Run } from './run.ts'
import { migrationModule } from './migration-module.ts'
import { innerScope, moduleScope } from './scope.ts'
import { ectoSuppressions } from './suppressions.ts'
import { readSyntax, type ElixirSource } from './syntax.ts'

/**
 * Reads a migration of Ecto without running it. Never throws for what stands in the file: what cannot be read is told in
 * the result.
 */
export function readEctoMigration(file: MigrationFile, elixir: ElixirParser, sql: SqlParser): ParsedMigration {
  const source = readSyntax(file.text, elixir)
  if (source.error !== undefined) {
    const span = source.positions.span(source.error.start, source.error.end)
    const message = 'Elixir could not be parsed here'
    return { file, statements: [], suppressions: [], notAnalysed: [], syntaxError: { message, span } }
  }
  const modules = readModules(source.text, source.root)
  const migration = migrationModule(modules)
  const run = startRun(source, sql, modules, migration)
  if (migration !== undefined) runMigration(run, migration)
  if (source.tooDeep) tellNotAnalysed(run, source.root, 'code nested deeper than is read', true)
  return {
    file,
    statements: run.statements,
    suppressions: ectoSuppressions(run),
    notAnalysed: run.notAnalysed,
    ecto: factsOf(run, migration)
  }
}

function startRun(
  source: ElixirSource,
  sql: SqlParser,
  modules: readonly ModuleText[],
  migration: ModuleText | undefined
): Run {
  return {
    source,
    sql,
    modules,
    statements: [],
    notAnalysed: [],
    irreversible: [],
    withoutEffect: [],
    suppressions: [],
    calls: [],
    mode: 'both',
    outsideTransaction: isSet(source, migration, 'disable_ddl_transaction'),
    conditional: false,
    table: undefined,
    steps: 0,
    interpolations: new Map(),
    read: new Map(),
    depth: 0
  }
}

/** `up` and `down` come before `change`; only what has no `down` is run backwards (Ecto.Migrator, do_up/5, do_down/5). */
function runMigration(run: Run, migration: ModuleText): void {
  const down = migration.functions.get('down/0')
  runFunction(run, migration, 'after_begin/0', 'up')
  if (migration.functions.has('up/0')) runFunction(run, migration, 'up/0', 'up')
  else runFunction(run, migration, 'change/0', down === undefined ? 'both' : 'up')
  runFunction(run, migration, 'before_commit/0', 'up')
  runFunction(run, migration, 'down/0', 'down')
}

function runFunction(run: Run, migration: ModuleText, name: string, mode: Run['mode']): void {
  run.mode = mode
  const clauses: readonly FunctionClause[] = migration.functions.get(name) ?? []
  for (const clause of clauses) {
    run.conditional = clauses.length > 1 || clause.guarded
    evaluateBody(run, clause.body, innerScope(moduleScope(migration)), true)
  }
  run.conditional = false
}

function factsOf(run: Run, migration: ModuleText | undefined): EctoFacts {
  const has = (name: string): boolean => migration?.functions.has(`${name}/0`) ?? false
  const functions = { up: has('up'), down: has('down'), change: has('change') }
  const irreversible = [...run.irreversible]
  if (migration !== undefined && functions.up && !functions.down && !functions.change) {
    irreversible.push({
      span: run.source.positions.span(migration.node.start, migration.node.end),
      what: 'up without down',
      hint: 'Write down, which takes back what up does.'
    })
  }
  return {
    module: migration?.name,
    ...(migration === undefined
      ? {}
      : { moduleSpan: run.source.positions.span(migration.node.start, migration.node.end) }),
    disableDdlTransaction: run.outsideTransaction,
    disableMigrationLock: isSet(run.source, migration, 'disable_migration_lock'),
    functions,
    irreversible,
    withoutEffect: run.withoutEffect
  }
}

function isSet(source: ElixirSource, migration: ModuleText | undefined, name: string): boolean {
  const value = migration?.attributes.findLast((attribute) => attribute.name === name)?.value
  return value !== undefined && source.text.slice(value.start, value.end) === 'true'
}
