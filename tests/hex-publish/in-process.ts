import { readFileSync } from 'node:fs'
import tls from 'node:tls'
import { publishRelease } from '../../actions/hex-publish/publish/main.ts'
import { execute, type Execution } from '../../actions/shared/phases.ts'
import type { Sandbox } from '../../sandbox/sandbox.ts'
import { testWorld } from '../support/world.ts'
import { ready } from './release.ts'

export interface InProcessRun extends Execution {
  readonly log: readonly string[]
  /** Milliseconds that were waited for in all, by a clock that did not wait. */
  readonly waited: number
  readonly masks: readonly string[]
  /** Codes of the problems, in their order. */
  readonly codes: readonly string[]
  /** The job summary. */
  readonly told: string
}

/**
 * Runs the phases inside the test's process, with real HTTP and a clock that does not wait, under the real host names
 * through the sandbox's proxy.
 * @param ahead how far the runner's clock is ahead, milliseconds
 */
export async function publishInProcess(
  sandbox: Sandbox,
  workspace: string,
  inputs: Readonly<Record<string, string>> = ready,
  tag = 'v0.1.0',
  ahead = 0
): Promise<InProcessRun> {
  const before = {
    certificates: tls.getCACertificates('default'),
    proxy: process.env['HTTPS_PROXY'],
    none: process.env['NO_PROXY']
  }
  tls.setDefaultCACertificates([readFileSync(sandbox.caFile, 'utf8')])
  const { HTTPS_PROXY = '', NO_PROXY = '' } = sandbox.environment()
  process.env['HTTPS_PROXY'] = HTTPS_PROXY
  process.env['NO_PROXY'] = NO_PROXY
  const world = testWorld()
  await world.clock.sleep(ahead)
  try {
    const given = Object.entries(inputs).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value])
    const execution = await execute(publishRelease, world, {
      GITHUB_REF: `refs/tags/${tag}`,
      GITHUB_WORKSPACE: workspace,
      ...(Object.fromEntries(given) as Record<string, string>)
    })
    if (execution.bug !== undefined) throw new Error('the action has a bug', { cause: execution.bug })
    return {
      ...execution,
      log: world.log.lines,
      waited: world.clock.slept.reduce((sum, each) => sum + each, -ahead),
      masks: world.masks,
      codes: execution.problems.map(({ code }) => code),
      told: execution.report.summary.map(({ markdown }) => markdown).join('\n')
    }
  } finally {
    world.http.close()
    tls.setDefaultCACertificates(before.certificates)
    restore('HTTPS_PROXY', before.proxy)
    restore('NO_PROXY', before.none)
  }
}

function restore(name: string, value: string | undefined): void {
  if (value === undefined) Reflect.deleteProperty(process.env, name)
  else process.env[name] = value
}
