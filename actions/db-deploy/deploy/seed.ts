import { ActionError, fail } from '../../shared/problem.ts'
import { cancelledCode } from '../journal.ts'
import { throwIfCancelled } from '../cancelled.ts'
import { endBackends, type EndedBackend } from '../lock/backends.ts'
import type { DeployLock } from '../lock/deploy-lock.ts'
import { directUrl } from '../reading.ts'
import type { ToolResult } from '../tool.ts'
import { toolRun } from '../tool-run.ts'
import type { Deploy } from './apply.ts'
import { done } from './plan.ts'

/** Runs the seed. What it does is the project's own, so that nothing is known of it but whether it says that it is done. */
export async function seed(deploy: Deploy, lock: DeployLock): Promise<void> {
  const { facts, inputs, world, journal, state, plan, record } = deploy
  const { tool } = facts
  if (tool === undefined) throw new TypeError('a deploy that seeds has a tool')
  const command = facts.seedCommand ?? 'its command'
  await journal.stage('seed', 'Seed', async (stage) => {
    throwIfCancelled(world, 'it was about to seed')
    await lock.assertHeld()
    world.log.warning(`Seeding ${inputs.production.environment || 'production'} by ${command}`)
    state.migrating({
      applicationName: inputs.sessions.tool,
      at: world.clock.now(),
      pending: facts.pending.map(({ name }) => name)
    })
    const result = await tool.seed({ ...toolRun(inputs, facts.survey.server.url), lockTimeout: 0, statementTimeout: 0 })
    if (world.cancelled.aborted || result.end === 'killed' || result.end === 'timed out') await breakOff(deploy, result)
    // Prisma ends with 0 where its configuration has no seed after all: only the sentence says that one has run.
    if (result.end !== 'exited' || result.exitCode !== 0 || result.sentence !== 'ok') {
      fail({
        code: 'seed-failed',
        message: `The seed ${howItEnded(result)}${result.message === undefined ? '' : `: ${result.message}`}.`,
        hint: `The migrations stand. Mend the seed (${command}) and run this job again: with \`seed: true\` it runs also with nothing pending.`
      })
    }
    stage.note(command)
    done(plan, 'seed', record)
  })
}

function howItEnded({ end, exitCode, sentence }: ToolResult): string {
  if (end !== 'exited') return `was ${end}`
  if (exitCode !== 0) return `ended with exit code ${exitCode}`
  return sentence === 'nothing'
    ? 'did nothing: the configuration has no seed'
    : 'ended with exit code 0, and says nowhere that it has run'
}

/** What it has begun on the server is ended; what it has written stands. @throws ActionError always */
async function breakOff({ inputs, world }: Deploy, { end }: ToolResult): Promise<never> {
  const ended = await endBackends(directUrl(inputs), inputs.sessions.tool, world)
  const told = ended.length === 0 ? 'Nothing of it runs on the server any more.' : ended.map(toldEnd).join(' ')
  const cancelled = world.cancelled.aborted
  throw new ActionError([
    {
      code: cancelled ? cancelledCode : 'seed-failed',
      message: `${cancelled ? 'The job was cancelled while it seeded' : `The seed was ${end === 'timed out' ? 'ended: its time was over' : 'killed'}`}. ${told} What it had written by then stands.`,
      hint: 'The migrations stand. Run this job again when the seed may run again: with `seed: true` it runs also with nothing pending.'
    }
  ])
}

function toldEnd({ pid, end, instruction }: EndedBackend): string {
  return end === 'there'
    ? `Its backend ${pid} runs still${instruction === undefined ? '' : `: ${instruction}`}.`
    : `Its backend ${pid} was ${end}.`
}
