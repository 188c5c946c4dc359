import type { HexPackage } from '../../shared/hex/hex-api.ts'
import { fail, type Problem } from '../../shared/problem.ts'
import type { World } from '../../shared/world.ts'
import type { KeyFacts } from '../key-check.ts'
import { waitForRegistry, type RegistrySight } from '../registry.ts'
import type { Inputs } from './inputs.ts'
import { shownRelease, type ReleasePlan } from './plan.ts'

/**
 * Why the registry is not looked at, if it is not. An organization's is shown only to keys with a permission for its
 * repository, which one that may publish need not have.
 */
export function registryBarrier(
  { wait, mode }: Pick<Inputs, 'wait' | 'mode'>,
  { organization }: HexPackage,
  key: KeyFacts | undefined
): string | undefined {
  if (mode === 'docs') return 'only the docs are sent'
  if (wait === 0) return 'wait is 0'
  return organization !== undefined && key?.readsRegistry === false
    ? `this key may not read the registry of ${organization} (permission “Organization repository”)`
    : undefined
}

/** One look, without patience. */
export function lookAtRegistry(
  world: World,
  pkg: HexPackage,
  version: string,
  checksum: string,
  key: string | undefined
): Promise<RegistrySight> {
  return waitForRegistry({ ...world, key, package: pkg, version, checksum, timeout: 0 })
}

/**
 * Waits as long as the input `wait` says.
 * @throws {ActionError} when resolvers do not see the release by then, and the job is to fail
 */
export async function awaitRegistry(
  { wait, lateRegistry }: Inputs,
  { pkg, version, checksum }: ReleasePlan,
  world: World,
  key: string | undefined
): Promise<RegistrySight> {
  if (checksum === undefined) throw new Error('a release has a checksum')
  const sight = await waitForRegistry({ ...world, key, package: pkg, version, checksum, timeout: wait })
  if (sight.state === 'visible') return sight
  const problem = notSeen(shownRelease(pkg, version), wait, sight)
  if (lateRegistry === 'fail') fail(problem)
  world.log.warning(`${problem.message} ${problem.hint}`)
  return sight
}

function notSeen(release: string, wait: number, { state, detail }: RegistrySight): Problem {
  if (state === 'unstored') {
    return {
      code: 'release-half-stored',
      message: `Hex has ${release}, and nobody can install it: ${detail}.`,
      hint: 'Run the job again with `replace: true`. Where the window is closed, release a new version and retire this one.'
    }
  }
  return {
    code: 'registry-late',
    message: `${release} is published, and resolvers do not see it after ${wait / 1000} s: ${detail}.`,
    hint: 'Nothing is wrong with the release. Run the job again: it sends nothing and waits again. Jobs that install the release must come after that; status.hex.pm tells of outages. To go on at once next time: a longer `wait`, or `late-registry: warn`.'
  }
}
