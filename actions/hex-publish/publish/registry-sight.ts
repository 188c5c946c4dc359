import type { HexPackage, HexRelease } from '../../shared/hex/hex-api.ts'
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

/** How long a release is given to be stored before the same bytes are sent once more. Milliseconds. */
const beforeMending = 60_000

/** One look; with `replace`, which mends what Hex stored by half, with patience: what is only late is not sent again. */
export function lookAtRegistry(
  { replace, dryRun, wait }: Pick<Inputs, 'replace' | 'dryRun' | 'wait'>,
  world: World,
  pkg: HexPackage,
  release: Pick<HexRelease, 'version' | 'checksum'>,
  key: string | undefined
): Promise<RegistrySight> {
  const { version, checksum } = release
  const timeout = replace && !dryRun ? Math.min(wait, beforeMending) : 0
  return waitForRegistry({ ...world, key, package: pkg, version, checksum, timeout })
}

/**
 * Waits as long as the input `wait` says.
 * @throws {ActionError} when resolvers do not see the release by then, and the job is to fail; and always when they are
 * shown other bytes, or none ever: waiting longer mends neither
 */
export async function awaitRegistry(
  { wait, lateRegistry }: Inputs,
  { pkg, version, checksum }: ReleasePlan,
  world: World,
  shown: { readonly key: string | undefined; readonly replaces: string | undefined }
): Promise<RegistrySight> {
  if (checksum === undefined) throw new Error('a release has a checksum')
  const sight = await waitForRegistry({ ...world, ...shown, package: pkg, version, checksum, timeout: wait })
  if (sight.state === 'visible') return sight
  const problem = notSeen(shownRelease(pkg, version), wait, sight)
  if (lateRegistry === 'fail' || sight.state !== 'late') fail(problem)
  world.log.warning(`${problem.message} ${problem.hint}`)
  return sight
}

function notSeen(release: string, wait: number, { state, detail }: RegistrySight): Problem {
  if (state === 'unstored') {
    return {
      code: 'release-half-stored',
      message: `Hex has ${release}, and nobody can install it: ${detail}.`,
      hint: 'Publish it once more with `replace: true`, as docs/hex-rollback.md says for a tag that is out: running the same job again sends nothing. Where the window is closed, release a new version and retire this one.'
    }
  }
  if (state === 'other') {
    return {
      code: 'registry-differs',
      message: `Hex’s API has ${release} as it should be, and resolvers get other bytes: ${detail}.`,
      hint: 'If the release was replaced a moment ago, caches may still show the old one: run the job again, it sends nothing and looks again. If it stays so, somebody or something between changed it: do not use the release, and ask support@hex.pm.'
    }
  }
  return {
    code: 'registry-late',
    message: `${release} is published, and resolvers do not see it after ${wait / 1000} s: ${detail}.`,
    hint: 'Nothing is wrong with the release. Run the job again: it sends nothing and waits again. Jobs that install the release must come after that; status.hex.pm tells of outages. To go on at once next time: a longer `wait`, or `late-registry: warn`.'
  }
}
