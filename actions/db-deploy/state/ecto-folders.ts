import { readdirSync } from 'node:fs'
import type { Problem } from '../../shared/problem.ts'
import type { Inputs } from '../inputs.ts'
import { readEctoConfiguration } from './ecto-configuration.ts'
import { foldersOf, shownPath } from './folder-patterns.ts'
import type { ProjectInputs } from './project.ts'
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

/** The table that keeps the versions, and its schema: by the inputs, else by the configuration, else Ecto's own. */
export function readEctoTable(
  folder: string,
  tool: ProjectInputs['tool'],
  { table, prefix }: Inputs['migrations']
): { readonly source: string; readonly prefix: string | undefined } | Problems {
  if (table !== undefined && prefix !== undefined) return { source: table, prefix }
  const problems: Problem[] = []
  const configuration = readEctoConfiguration(folder)
  const modules =
    tool.repositories.length > 0 ? tool.repositories : (configuration.repositories ?? configuration.configured)
  const setting = (name: string, input: string): string | undefined => {
    const values = modules.map((module) => configuration.setting(module, name))
    const texts = new Set(values.map((value) => (value?.kind === 'text' ? value.text : undefined)))
    const computed = values.find((value) => value?.kind === 'computed')
    if (computed?.kind === 'computed') {
      problems.push({
        code: 'ecto-table-computed',
        message: `${computed.file} computes \`${name}: ${computed.source}\`, and is read and not run: where Ecto keeps its versions is not known.`,
        hint: `Say it by the input ${input}.`,
        file: computed.file
      })
    } else if (texts.size > 1) {
      problems.push({
        code: 'ecto-table-computed',
        message: `The repositories ${someOf(modules)} differ in \`${name}\`, so which table keeps the versions of this database is not known.`,
        hint: `Say it by the input ${input}, or name the repository by repos.`
      })
    }
    return [...texts][0]
  }
  const source = table ?? setting('migration_source', 'migrations-table')
  const schema = prefix ?? setting('migration_default_prefix', 'migrations-prefix')
  return problems.length > 0 ? { problems } : { source: source ?? 'schema_migrations', prefix: schema }
}

function problem(one: Problem): Problems {
  return { problems: [one] }
}
