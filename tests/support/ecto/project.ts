import { cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { builtOnce } from '../hex/built-once.ts'
import { mix } from '../hex/mix.ts'
import { temporaryFolder } from '../run-action.ts'

const packages = join(import.meta.dirname, '..', 'hex', 'packages')
const source = join(import.meta.dirname, 'app')

export interface EctoProjectOptions {
  /** Of the database; in `DATABASE_URL`. */
  readonly url: string
  /** Elixir by file name, `20260101000000_add_users.exs`: see `migrationOf`. */
  readonly migrations: Readonly<Record<string, string>>
  /** More files, by path; one that is made otherwise is replaced. */
  readonly files?: Readonly<Record<string, string>>
  /** Also `mix release`, whose script is then `_build/prod/rel/app/bin/app`. */
  readonly release?: boolean
}

export interface EctoProject {
  /** Absolute; goes away when the test file is done. */
  readonly folder: string
  /** The variables that mix needs: `DATABASE_URL`, and names of files in UTF-8. */
  readonly env: Record<string, string>
}

/**
 * A Mix project `app` with a repository `App.Repo` and a module `App.Release` (`migrate/0`, `rollback/2`), compiled, without
 * Hex: its Ecto is the stand-in of `tests/support/hex/packages`, whose tasks do and say what Ecto's do, by psql on PATH.
 */
export async function ectoProject(options: EctoProjectOptions): Promise<EctoProject> {
  const built = await builtOnce('ecto-project', [source, join(packages)], recipe, build)
  const root = temporaryFolder('ecto')
  const folder = join(root, 'app')
  // Times are kept: Mix compiles again what is newer than what it made.
  cpSync(built, root, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true })
  const files = {
    ...Object.fromEntries(
      Object.entries(options.migrations).map(([name, text]) => [`priv/repo/migrations/${name}`, text])
    ),
    ...options.files
  }
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  const env = { DATABASE_URL: options.url, LANG: 'C.UTF-8', ELIXIR_ERL_OPTIONS: '+fnu' }
  if (options.release === true)
    await mix(['release', '--overwrite', '--quiet'], { folder, env: { ...env, MIX_ENV: 'prod' } })
  return { folder, env }
}

/** One migration with these lines in `change`, or with whole functions and attributes. */
export function migrationOf(module: string, body: string): string {
  const functions = /^\s*(?:@|def )/.test(body) ? body : `  def change do\n${body}\n  end`
  return `defmodule App.Repo.Migrations.${module} do\n  use Ecto.Migration\n${functions}\nend\n`
}

/** Part of the name of what is built: another way of building makes another folder. */
const recipe = 'one package ecto_sql with the modules of ecto and postgrex, compiled in dev and prod'

async function build(folder: string): Promise<void> {
  const library = join(folder, 'ecto_sql')
  for (const name of ['postgrex', 'ecto', 'ecto_sql'])
    cpSync(join(packages, name, 'lib'), join(library, 'lib'), { recursive: true })
  writeFileSync(
    join(library, 'mix.exs'),
    `defmodule EctoSQL.MixProject do
  use Mix.Project
  def project, do: [app: :ecto_sql, version: "3.13.5"]
  def application, do: [extra_applications: [:logger]]
end
`
  )
  cpSync(source, join(folder, 'app'), { recursive: true })
  for (const name of ['dev', 'prod']) await mix(['compile'], { folder: join(folder, 'app'), env: { MIX_ENV: name } })
}
