import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'

/**
 * Unpacks Debian packages into a folder of their own. Nothing is installed: neither root nor the system is needed.
 *
 * @param folder appears when everything is in it, and replaces what was there
 * @param packages by name; the system's sources say where they are
 * @param prepare works on the unpacked files before they appear; gets the folder they still are in
 * @throws what apt-get and dpkg-deb say
 */
export function unpackDebianPackages(
  folder: string,
  packages: readonly string[],
  prepare: (unpacked: string) => void = () => undefined
): void {
  const parent = dirname(folder)
  mkdirSync(parent, { recursive: true })
  const work = mkdtempSync(join(parent, 'packages-'))
  try {
    const archives = join(work, 'archives')
    mkdirSync(archives)
    download(packages, archives, work)
    const names = readdirSync(archives).filter((name) => name.endsWith('.deb'))
    if (names.length < packages.length)
      throw new Error(`apt-get downloaded ${names.length} of ${packages.length} packages`)
    const unpacked = join(work, 'unpacked')
    for (const name of names) execFileSync('dpkg-deb', ['-x', join(archives, name), unpacked])
    prepare(unpacked)
    rmSync(folder, { recursive: true, force: true })
    renameSync(unpacked, folder)
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

/** With the system's lists of packages, or, where they are missing or old, with lists of its own. */
function download(packages: readonly string[], archives: string, work: string): void {
  const apt = (...parameters: string[]): void => {
    execFileSync('apt-get', ['-q', ...parameters], { cwd: archives, stdio: ['ignore', 'ignore', 'pipe'] })
  }
  try {
    apt('download', ...packages)
  } catch {
    // The system's lists are root's: these are kept apart, so that anybody may fetch them.
    for (const name of ['state/lists/partial', 'cache/archives/partial'])
      mkdirSync(join(work, name), { recursive: true })
    const own = ['-o', `Dir::State=${join(work, 'state')}`, '-o', `Dir::Cache=${join(work, 'cache')}`]
    apt(...own, 'update')
    apt(...own, 'download', ...packages)
  }
}
