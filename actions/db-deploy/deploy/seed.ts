import { fail } from '../../shared/problem.ts'
import { throwIfCancelled } from '../cancelled.ts'
import type { DeployLock } from '../lock/deploy-lock.ts'
import type { Deploy } from './apply.ts'
import { done } from './plan.ts'

/** Runs the seed. What it does is the project's own, so that nothing is known of it but whether it says that it failed. */
export async function seed(deploy: Deploy, lock: DeployLock): Promise<void> {
  const { facts, inputs, world, journal, state, plan, record } = deploy
  const { tool } = facts
  if (tool === undefined) throw new TypeError('a deploy that seeds has a tool')
  await journal.stage('seed', 'Seed', async (stage) => {
    throwIfCancelled(world, 'it was about to seed')
    await lock.assertHeld()
    world.log.warning(
      `Seeding ${inputs.production.environment || 'production'} by ${facts.seedCommand ?? 'its command'}`
    )
    state.migrating({ applicationName: inputs.sessions.tool, at: world.clock.now() })
    const result = await tool.seed({
      url: facts.survey.server.url,
      applicationName: inputs.sessions.tool,
      lockTimeout: 0,
      statementTimeout: 0,
      timeout: inputs.tool.timeout
    })
    throwIfCancelled(world, 'it seeded: how far the seed came is not known')
    if (result.end !== 'exited' || result.exitCode !== 0 || result.sentence === 'failed') {
      fail({
        code: 'seed-failed',
        message: `The seed ${result.end === 'exited' ? `ended with exit code ${result.exitCode}` : result.end === 'timed out' ? 'did not end in time' : `was ${result.end}`}${result.message === undefined ? '' : `: ${result.message}`}.`,
        hint: `The migrations stand. Mend the seed (${facts.seedCommand ?? 'its command'}) and run this job again: with \`seed: true\` it runs also with nothing pending.`
      })
    }
    stage.note(facts.seedCommand ?? '')
    done(plan, 'seed', record)
  })
}
