import { readRelease, type HexRelease } from '../../shared/hex/hex-api.ts'
import { fail, type Problem } from '../../shared/problem.ts'
import type { World } from '../../shared/world.ts'
import { readBack } from '../read-back.ts'
import type { RegistrySight } from '../registry.ts'
import type { Facts } from './inspect.ts'
import type { Inputs } from './inputs.ts'
import { shownRelease, type ReleasePlan } from './plan.ts'
import { awaitRegistry } from './registry-sight.ts'

/** What was read back. */
export interface Verified {
  readonly release: HexRelease
  /** Absent where the registry was not waited for; not `visible` only where the job is to go on then. */
  readonly registry: RegistrySight | undefined
}

/**
 * Reads the release back from Hex's API, then waits until the registry, which is what resolvers read, shows it.
 * @throws {ActionError} when it is not as planned, or the registry is late and the job is to fail then
 */
export async function verify(inputs: Inputs, facts: Facts, plan: ReleasePlan, world: World): Promise<Verified> {
  const release = await readReleaseBack(facts, plan, world)
  return { release, registry: await seen(inputs, facts, plan, world) }
}

/** Only waits: for a release that an earlier run has sent, and that the registry did not show yet. */
export async function settle(inputs: Inputs, facts: Facts, plan: ReleasePlan, world: World): Promise<Verified> {
  const release = facts.remote?.release
  if (release === undefined) throw new Error('only a release that is there can be waited for')
  return { release, registry: await seen(inputs, facts, plan, world) }
}

async function seen(
  inputs: Inputs,
  { api, registry, registryBarrier, remote }: Facts,
  plan: ReleasePlan,
  world: World
): Promise<RegistrySight | undefined> {
  if (registryBarrier !== undefined) return undefined
  if (registry?.state === 'visible' && plan.release === 'unchanged') return registry
  const replaces = plan.release === 'replace' ? remote?.release?.checksum : undefined
  return awaitRegistry(inputs, plan, world, { key: api.key, replaces })
}

async function readReleaseBack({ api }: Facts, plan: ReleasePlan, world: World): Promise<HexRelease> {
  const wantsDocs = plan.docs.kind === 'create' || plan.docs.kind === 'update'
  const differs = (release: HexRelease): boolean => plan.checksum !== undefined && release.checksum !== plan.checksum
  const found = await readBack(
    world.clock,
    () => readRelease(api, plan.pkg, plan.version),
    (release) => release !== undefined && !differs(release) && (release.hasDocs || !wantsDocs)
  )
  const shown = shownRelease(plan.pkg, plan.version)
  if (found === undefined) return fail(notReadBack(`Hex took ${shown}, and does not show it`))
  if (differs(found)) {
    return fail({
      code: 'hex-different-release',
      message: `Hex shows ${shown} with other bytes than were sent: sha256 ${found.checksum} there, ${plan.checksum ?? ''} here.`,
      hint: 'Something else published this version at the same time. Let one job publish, compare the two, and release a new version.'
    })
  }
  if (wantsDocs && !found.hasDocs) return fail(notReadBack(`Hex took the docs of ${shown}, and does not show them`))
  return found
}

function notReadBack(what: string): Problem {
  return {
    code: 'hex-not-read-back',
    message: `${what}.`,
    hint: 'Run the job again: it reads Hex first, and sends only what is missing.'
  }
}
