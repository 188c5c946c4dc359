import { readdirSync } from 'node:fs'
import type { Problem } from '../../shared/problem.ts'
import type { Inputs } from '../inputs.ts'
import { readEctoConfiguration, type EctoSetting } from './ecto-configuration.ts'
import { foldersOf, shownPath } from './folder-patterns.ts'
import type { MigrationSource, ProjectInputs } from './project.ts'
import { someOf } from './wording.ts'

type Problems = { readonly problems: readonly Problem[] }

/**
 * Where Ecto's migrations are in a Mix project (`priv/REPO/migrations`, Mix.EctoSQL.source_repo_priv/1), in the
 * applications of an umbrella, and in a release, which has them below `lib/APP-VERSION`. Those with a migration only.
 */
export function ectoFoldersBelow(folder: string): readonly string[] {
  const project = ['priv/*/migrations', 'apps/*/priv/*/migrations'].flatMap((path) => foldersOf(path, folder))
  const found = project.length > 0 ? project : foldersOf('lib/*/priv/*/migrations', folder)
  return found.filter(hasMigrations).map((path) => shownPath(path, folder))
}

/**
 * The folders of the repository whose database this is. Several repositories may have several databases, so which are
 * meant is asked and not guessed.
 */
export function ectoFoldersOf({
  folder,
  shownFolder,
  tool
}: ProjectInputs): { readonly folders: readonly string[] } | Problems {
  const found = ectoFoldersBelow(folder)
  if (found.length === 0) {
    return problem({
      code: 'project-not-found',
      message: `In ${shownFolder} there are no migrations of Ecto: no priv/REPO/migrations with a file VERSION_name.exs.`,
      hint: 'Set working-directory to the Mix project or the release. For migrations that come with a dependency, set migrations-paths (`deps/NAME/priv/repo/migrations`).'
    })
  }
  const configured = readEctoConfiguration(folder).repositories
  const wanted = tool.repositories.length > 0 ? tool.repositories : configured
  const folders = wanted === undefined ? found : found.filter((path) => wanted.some((module) => isOf(path, module)))
  const asked = tool.repositories.length > 0
  if (folders.length === 1 || (asked && folders.length > 0)) return { folders }
  if (folders.length === 0) {
    return problem({
      code: 'project-not-found',
      message: `No folder of migrations belongs to ${someOf(wanted ?? [])}: there are ${someOf(found)}.`,
      hint: 'Check repos, or say by migrations-paths which folders are meant.'
    })
  }
  return problem({
    code: 'project-ambiguous',
    message: `There are several repositories with migrations: ${someOf(folders)}.`,
    hint: 'Say which of them keep their tables in this database: `repos: Acme.Repo`, or migrations-paths. Another database takes another step.'
  })
}

/** `apps/billing/priv/repo/migrations` is of Billing.Repo, and of no Shop.Repo. */
function isOf(path: string, module: string): boolean {
  const [, application, name] = /(?:^|\/)(?:(?:apps|lib)\/([^/]+)\/)?priv\/([^/]+)\/migrations$/.exec(path) ?? []
  const parts = module.split('.').map(underscored)
  if (name !== parts.at(-1)) return false
  return application === undefined || parts.length === 1 || application.replace(/-[\d.]+.*$/, '') === parts[0]
}

/** As Macro.underscore/1: `AnalyticsRepo` → `analytics_repo`. */
function underscored(name: string): string {
  return name
    .replaceAll(/([A-Z]+)([A-Z][a-z])/g, '$1_$2')
    .replaceAll(/([a-z\d])([A-Z])/g, '$1_$2')
    .toLowerCase()
}

function hasMigrations(path: string): boolean {
  return readdirSync(path, { recursive: true, encoding: 'utf8' }).some((name) =>
    /(?:^|[/\\])\d+_[^/\\]*\.exs$/.test(name)
  )
}

/**
 * The table that keeps the versions, and where migrations make what they name without a prefix. The table's name is configured,
 * its schema is not: that is the prefix that Ecto is given (`--prefix`) and nothing else (ecto_sql,
 * lib/ecto/migration/schema_migration.ex). What migrations make falls back to `migration_default_prefix`
 * (lib/ecto/migration.ex, `__prefix__/1`).
 */
export function readEctoTable(
  folder: string,
  tool: ProjectInputs['tool'],
  { table, prefix }: Inputs['migrations']
): Pick<MigrationSource, 'schema' | 'table' | 'tableSchema'> | Problems {
  const configuration = readEctoConfiguration(folder)
  const modules =
    tool.repositories.length > 0 ? tool.repositories : (configuration.repositories ?? configuration.configured)
  const settings = (name: string): readonly (EctoSetting | undefined)[] =>
    modules.map((module) => configuration.setting(module, name))
  const source = table === undefined ? oneOf(settings('migration_source')) : { text: table }
  if ('computed' in source) {
    const { file, source: written } = source.computed
    return problem({
      code: 'ecto-table-computed',
      message: `${file} computes \`migration_source: ${written}\`, and is read and not run: where Ecto keeps its versions is not known.`,
      hint: 'Say it by the input migrations-table.',
      file
    })
  }
  if ('differ' in source) {
    return problem({
      code: 'ecto-table-computed',
      message: `The repositories ${someOf(modules)} differ in \`migration_source\`, so which table keeps the versions of this database is not known.`,
      hint: 'Say it by the input migrations-table, or name the repository by repos.'
    })
  }
  const made = oneOf(settings('migration_default_prefix'))
  return {
    table: source.text ?? 'schema_migrations',
    tableSchema: prefix,
    schema: prefix ?? ('text' in made ? made.text : undefined)
  }
}

type OneOf =
  | { readonly text: string | undefined }
  | { readonly computed: Extract<EctoSetting, { kind: 'computed' }> }
  | { readonly differ: true }

/** What several repositories have in common. */
function oneOf(values: readonly (EctoSetting | undefined)[]): OneOf {
  const computed = values.find((value) => value?.kind === 'computed')
  if (computed?.kind === 'computed') return { computed }
  const texts = new Set(values.map((value) => (value?.kind === 'text' ? value.text : undefined)))
  return texts.size > 1 ? { differ: true } : { text: [...texts][0] }
}

function problem(one: Problem): Problems {
  return { problems: [one] }
}
