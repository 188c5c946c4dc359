import { readPackage, readRelease, type HexPackageInfo, type HexRelease } from '../../shared/hex/hex-api.ts'
import { fail } from '../../shared/problem.ts'
import type { World } from '../../shared/world.ts'
import { readBack } from '../read-back.ts'
import { isRetiredAs } from '../release-change.ts'
import type { Change, Inputs } from './inputs.ts'
import { connect, type Facts } from './inspect.ts'
import { nameOf, type ChangePlan } from './plan.ts'

/** What Hex shows after the change. */
export interface Verified {
  /** Absent when it was reverted. */
  readonly release: HexRelease | undefined
  /** Absent when it went with its last release. */
  readonly package: HexPackageInfo | undefined
}

/**
 * Reads the release back, and the package that it was in.
 * @throws {ActionError} when the release is not as wanted: something else changed it at the same time
 */
export async function verify(
  inputs: Inputs,
  { subject }: Facts,
  { step }: ChangePlan,
  world: World
): Promise<Verified> {
  const api = connect(inputs, world)
  const look = async (): Promise<Verified> => {
    const [release, found] = await Promise.all([
      readRelease(api, subject.package, subject.version),
      readPackage(api, subject.package)
    ])
    return { release, package: found }
  }
  const verified = await readBack(world.clock, look, ({ release }) => isAs(release, subject.change))
  if (isAs(verified.release, subject.change)) return verified
  fail({
    code: 'hex-not-read-back',
    message: `${nameOf(subject)} was changed (${step.wanted}), and Hex shows it otherwise now.`,
    hint: 'Check that no other job or person changes this release at the same time, then run the job again.'
  })
}

function isAs(release: HexRelease | undefined, change: Change): boolean {
  switch (change.mode) {
    case 'retire':
      return release !== undefined && isRetiredAs(release, change.retirement)
    case 'unretire':
      return release !== undefined && release.retirement === undefined
    case 'revert':
      return release === undefined
  }
}
