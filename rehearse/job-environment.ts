import { join } from 'node:path'
import type { Sandbox } from '../sandbox/sandbox.ts'
import { writeRebarSettings } from './hex.ts'
import { homeVariables, searchPath, type Room } from './machine.ts'
import type { PlannedJob } from './plan.ts'
import type { Python } from './python.ts'
import { makeEnvironment, programs } from './stand-ins/shared/virtual-environment.ts'

/**
 * Variables of one job: who it is for the proxy, its identity endpoint, and a home and a Python of its own.
 *
 * @param folder where the job's home and Python are made
 */
export function jobEnvironment(
  job: PlannedJob,
  folder: string,
  room: Room,
  sandbox: Sandbox,
  python: Python | undefined,
  identity: Readonly<Record<string, string>>
): { fixed: Record<string, string>; defaults: Record<string, string> } {
  const proxies = Object.entries(sandbox.environment({ job: job.key })).filter(([name]) => /_proxy$/i.test(name))
  const setsUpPython = job.job.steps.some(({ uses }) => uses?.startsWith('actions/setup-python@') === true)
  const defaults = homeVariables(join(folder, 'home'))
  writeRebarSettings(join(folder, 'home'), sandbox)
  if (python !== undefined && !setsUpPython) {
    // A hosted runner has a Python that jobs may install into; this machine's must not be it.
    const environment = join(folder, 'python')
    makeEnvironment(python.executable, environment, python.template)
    defaults['PATH'] = searchPath(room, programs(environment))
  }
  // What setup-beam's stand-in finds is another matter in the cell of a matrix than in a job of one version.
  const cell = job.job.matrix === undefined ? {} : { REHEARSAL_MATRIX: 'true' }
  return { fixed: { ...Object.fromEntries(proxies), ...identity, ...cell }, defaults }
}
