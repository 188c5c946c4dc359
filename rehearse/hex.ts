import { execFile } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { rebarConfig } from '../sandbox/hex/rebar-config.ts'
import type { Sandbox } from '../sandbox/sandbox.ts'
import { withToolFolder } from '../scripts/tools.ts'
import { buildStandInPackages } from '../tests/support/hex/packages.ts'
import { archiveName, installHexStandIn } from '../tests/support/hex/stand-in.ts'
import type { Say } from './progress.ts'

const run = promisify(execFile)

/** Mix's client for Hex, as the stand-in for setup-beam gives it to jobs. */
export interface HexClient {
  /** Folder whose content belongs into a job's `~/.mix/archives`. */
  readonly archives: string
  /** What is to be told of it, where it is not Hex's own. */
  readonly remark?: string
}

/**
 * Finds the Hex archive of this machine's Mix, which a rehearsal cannot download, or builds the stand-in.
 *
 * @param work empty folder for it
 * @returns `undefined` where there is no Mix at all
 */
export async function hexClient(work: string, say: Say): Promise<HexClient | undefined> {
  const archives = join(work, 'archives')
  const own = installedArchive()
  if (own !== undefined) {
    cpSync(own.folder, join(archives, own.name), { recursive: true })
    return { archives }
  }
  if (!(await hasMix())) return undefined
  say(`Hex is not installed for Mix on this machine (mix local.hex); ${archiveName} takes its place`)
  await installHexStandIn({ folder: work })
  return {
    archives,
    remark: `Hex’s own archive is not on this machine: ${archiveName} resolved dependencies and built packages in its place`
  }
}

/**
 * Puts stand-ins into the sandbox for packages that the examples need, where neither the sandbox nor the machine's own
 * Hex has them.
 *
 * @returns names of those that are there, whether put now or by a rehearsal before this one
 */
export async function lendPackages(sandbox: Sandbox): Promise<readonly LentPackage[]> {
  const { hex } = sandbox
  const lent: LentPackage[] = []
  for (const { name, version, tarball } of await buildStandInPackages()) {
    const bytes = readFileSync(tarball)
    if (hex.releases(name).length === 0 && !(await isInRegistry(sandbox.address('hex'), name))) hex.addRelease(bytes)
    if (hex.releases(name).some((release) => release.tarball.equals(bytes))) lent.push({ name, version })
  }
  return lent
}

/** A stand-in under the name of a package of hex.pm. */
export interface LentPackage {
  readonly name: string
  readonly version: string
}

/** What the sandbox lacks it reads from the machine's own Hex, where that can be reached. */
async function isInRegistry(service: URL, name: string): Promise<boolean> {
  const answer = await fetch(new URL(`/repo/packages/${name}`, service))
  await answer.arrayBuffer()
  return answer.ok
}

/** Lets rebar3 take the sandbox for Hex. @param home folder that is HOME */
export function writeRebarSettings(home: string, { hex, caFile }: Sandbox): void {
  const folder = join(home, '.config', 'rebar3')
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'rebar.config'), rebarConfig({ caFile, publicKey: hex.publicKey }))
}

/** Where there is none, setup-beam's stand-in says so in the job that asks for it. */
async function hasMix(): Promise<boolean> {
  return run('mix', ['--version'], { env: withToolFolder(process.env) }).then(
    () => true,
    () => false
  )
}

/** Mix keeps archives below MIX_ARCHIVES, MIX_HOME or ~/.mix; since Elixir 1.18 in a folder for each Elixir and OTP. */
function installedArchive(): { readonly folder: string; readonly name: string } | undefined {
  const home = process.env['MIX_HOME'] ?? join(homedir(), '.mix')
  const places = [process.env['MIX_ARCHIVES'], join(home, 'archives'), ...below(join(home, 'elixir'))]
  for (const place of places) {
    if (place === undefined) continue
    const name = names(place).find((entry) => /^hex-\d/.test(entry) && !entry.includes('stand-in'))
    if (name !== undefined && existsSync(join(place, name, name, 'ebin'))) return { folder: join(place, name), name }
  }
  return undefined
}

function below(folder: string): readonly string[] {
  return names(folder).map((name) => join(folder, name, 'archives'))
}

function names(folder: string): readonly string[] {
  return existsSync(folder) ? readdirSync(folder).toSorted().reverse() : []
}
