import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { builtOnce } from './built-once.ts'
import { mix } from './mix.ts'
import { archiveName, installHexStandIn } from './stand-in.ts'

const source = join(import.meta.dirname, 'packages')
const archive = join(import.meta.dirname, 'archive')

export interface StandInPackage {
  readonly name: string
  readonly version: string
  /** Path of the package's tarball. */
  readonly tarball: string
}

/**
 * Packages of our own under the names of packages that the examples depend on, where hex.pm cannot be reached: `ecto`,
 * `ecto_sql`, `postgrex` and `ex_doc`, each with a version that exists there and a description that says stand-in.
 * Built with the stand-in for Hex at the first call, and kept in `.tools/`.
 *
 * @returns the packages, each after those it depends on
 * @throws Error when there is no mix, or with what mix said
 */
export async function buildStandInPackages(): Promise<readonly StandInPackage[]> {
  const folder = await builtOnce('hex-stand-in-packages', [source, archive], archiveName, async (draft) => {
    const home = mkdtempSync(join(tmpdir(), 'hex-stand-in-'))
    try {
      const { env } = await installHexStandIn({ folder: home })
      for (const { name, version } of packages) {
        await mix(['hex.build', '--output', join(draft, `${name}-${version}.tar`)], { folder: join(source, name), env })
      }
    } finally {
      rmSync(home, { recursive: true, force: true })
    }
  })
  return packages.map(({ name, version }) => ({ name, version, tarball: join(folder, `${name}-${version}.tar`) }))
}

/** Each after those that it depends on, as a registry wants them published. */
const packages = ['postgrex', 'ecto', 'ecto_sql', 'ex_doc'].map((name) => ({ name, version: versionOf(name) }))

function versionOf(name: string): string {
  const version = /^ +version: "(.+)"/m.exec(readFileSync(join(source, name, 'mix.exs'), 'utf8'))?.[1]
  if (version === undefined) throw new Error(`the stand-in for ${name} has no version in its mix.exs`)
  return version
}
