import type { Remark } from '../../shared/problem.ts'
import type { World } from '../../shared/world.ts'
import type { Inputs } from '../inputs.ts'
import type { RunRecord } from '../record.ts'
import { tellGithub } from './github-deployment.ts'
import { ledgerEntry, readStepIdentity } from './ledger-entry.ts'
import { readOtlpSettings } from './otlp-settings.ts'
import { tellCollector } from './otlp.ts'
import { tellSlack } from './slack.ts'
import { tellLedger } from './tell-ledger.ts'
import { inTime, timeLeft } from './time-left.ts'

/** What of the inputs says whom a run is told to. */
export type AnnouncementInputs = Pick<
  Inputs,
  'telemetry' | 'environmentVariables' | 'githubToken' | 'urls' | 'migrations' | 'folder' | 'dryRun'
>

/** Somebody who is told. */
interface Listener {
  readonly name: string
  tell(left: () => number): Promise<readonly Remark[]>
}

/** What all of it may take at most. Milliseconds. */
const most = 15_000

/**
 * Tells a run that has ended to those who were asked for: Slack, an OpenTelemetry collector, GitHub's deployments, the
 * ledger. All at once, within seconds, and within two of them when the job is cancelled.
 *
 * @param remarks what else is told of it, such as times that were too long
 * @returns what could not be told, as warnings: a deploy that is done does not fail for it. Never throws.
 */
export async function announce(
  record: RunRecord,
  inputs: AnnouncementInputs,
  world: World,
  remarks: readonly Remark[] = []
): Promise<readonly Remark[]> {
  const left = timeLeft(world, most)
  const told = listenersOf(record, inputs, world, remarks).map((listener) =>
    inTime(
      world,
      most,
      safely(listener.name, () => listener.tell(left)),
      () => [failing(listener.name, 'it took longer than there is time for')]
    )
  )
  return (await Promise.all(told)).flat()
}

function listenersOf(
  record: RunRecord,
  { telemetry, environmentVariables, githubToken, urls, folder, dryRun }: AnnouncementInputs,
  world: World,
  remarks: readonly Remark[]
): readonly Listener[] {
  const { slackWebhookUrl } = telemetry
  const otlp = readOtlpSettings(environmentVariables, world.secrets)
  const listeners: Listener[] = []
  if (slackWebhookUrl !== undefined) {
    listeners.push({ name: 'Slack', tell: (left) => tellSlack(slackWebhookUrl, record, remarks, world, left) })
  }
  if (otlp !== undefined) {
    listeners.push({
      name: 'The OpenTelemetry collector',
      tell: async (left) => [
        ...otlp.faults.map((fault) => failing('The OpenTelemetry collector', fault)),
        ...(await tellCollector(otlp.settings, record, world, left))
      ]
    })
  }
  if (telemetry.githubDeployment && !dryRun) {
    listeners.push({ name: 'The GitHub Deployment', tell: () => tellGithub(record, githubToken, world) })
  }
  if (telemetry.ledger && !dryRun) {
    listeners.push({
      name: 'The ledger',
      tell: async (left) => {
        const entry = await ledgerEntry(record, readStepIdentity(environmentVariables), folder)
        return entry === undefined ? [] : tellLedger(urls.direct, entry, world, left)
      }
    })
  }
  return listeners
}

/** Not even a bug in the telling may change what a deploy came to. */
async function safely(name: string, tell: () => Promise<readonly Remark[]>): Promise<readonly Remark[]> {
  try {
    return await tell()
  } catch (error) {
    return [failing(name, error instanceof Error ? error.message : String(error))]
  }
}

function failing(name: string, why: string): Remark {
  return {
    level: 'warning',
    problem: {
      code: 'telemetry-not-sent',
      message: `${name} was not told, or not wholly: ${why}.`,
      hint: 'The deploy itself is not touched by this.'
    }
  }
}
