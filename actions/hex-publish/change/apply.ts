import type { Step } from '../../shared/phases.ts'
import type { World } from '../../shared/world.ts'
import { retire, revert, unretire } from '../release-change.ts'
import type { Inputs } from './inputs.ts'
import { connect, type Facts } from './inspect.ts'
import type { ChangePlan } from './plan.ts'

/**
 * Makes the one change. Each can be sent again without harm, so that a run that ended anywhere is finished by the next.
 * @throws {ActionError} when Hex refuses it
 */
export async function apply(
  inputs: Inputs,
  { subject }: Facts,
  { step }: ChangePlan,
  world: World,
  record: (step: Step) => void
): Promise<void> {
  const api = connect(inputs, world)
  const { package: pkg, version, change } = subject
  switch (change.mode) {
    case 'retire':
      await retire(api, pkg, version, change.retirement, world.clock)
      break
    case 'unretire':
      await unretire(api, pkg, version, world.clock)
      break
    case 'revert':
      await revert(api, pkg, version, world.clock)
      break
  }
  record(step)
}
