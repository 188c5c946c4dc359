import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { builtOnce } from './built-once.ts'
import { mix } from './mix.ts'

const source = join(import.meta.dirname, 'archive')

/** The name of the archive that Mix shows in `mix archive`; it names the version, as `mix archive.build` would. */
export const archiveName = 'hex-2.5.0-stand-in'

/**
 * Installs the stand-in for Hex's Mix client, offline. It is built from `tests/support/hex/archive` at the first call
 * and kept in `.tools/`.
 *
 * @param options.folder becomes MIX_HOME: the archive is put below it, nothing is read from elsewhere
 * @returns the variables that make mix use it
 * @throws Error when there is no mix on PATH or in the tool folder, or with what mix said
 */
export async function installHexStandIn({
  folder
}: {
  readonly folder: string
}): Promise<{ readonly env: { readonly MIX_HOME: string } }> {
  const archive = await buildHexStandIn()
  const env = { MIX_HOME: folder }
  mkdirSync(folder, { recursive: true })
  await mix(['archive.install', '--force', archive], { folder, env })
  return { env }
}

/** The archive (.ez) itself, as `mix archive.install FILE` takes it. */
export async function buildHexStandIn(): Promise<string> {
  const folder = await builtOnce('hex-stand-in', [source], archiveName, async (draft) => {
    await mix(['archive.build', '--output', join(draft, `${archiveName}.ez`)], {
      folder: source,
      env: { MIX_ENV: 'prod', MIX_HOME: join(draft, 'home'), MIX_BUILD_PATH: join(draft, 'build') }
    })
  })
  return join(folder, `${archiveName}.ez`)
}
