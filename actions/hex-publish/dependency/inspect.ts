import { proveHexDependency, type DependencyProof, type MixDepsRun } from '../../shared/hex/dependency-proofs.ts'
import { childEnvironment, findProgram, runProgram } from '../../shared/program.ts'
import { describe } from '../../shared/problem.ts'
import type { World } from '../../shared/world.ts'
import type { Inputs } from './inputs.ts'

export type Facts = DependencyProof

/** Looks at all six places, and says each result. */
export async function inspect(inputs: Inputs, world: World): Promise<Facts> {
  const { dependency, bypass, organization, dependencyFolder } = inputs
  if (dependency === undefined) throw new TypeError('a run without a dependency has ended before')
  const facts = await proveHexDependency({
    project: inputs.folder,
    shownProject: inputs.shownFolder,
    name: dependency.name,
    ...(dependency.version === undefined ? {} : { version: dependency.version }),
    ...(organization === undefined ? {} : { organization }),
    ...(dependencyFolder === undefined ? {} : { folder: dependencyFolder }),
    ...(bypass === undefined ? {} : { bypass }),
    now: world.clock.now(),
    env: inputs.environment,
    http: world.http,
    mixDeps: (folder) => runMixDeps(folder, inputs.environment, world)
  })
  for (const { number, title, state, detail } of facts.proofs) world.log.info(`${number} ${title}: ${state}. ${detail}`)
  const { bypassed } = facts
  if (bypassed !== undefined) {
    world.log.warning(
      `It is not proved that ${facts.name} comes from Hex; it is let through until the end of ${bypassed.until}, UTC: ${bypassed.reason}`
    )
  }
  for (const warning of facts.warnings) world.log.warning(describe(warning))
  return facts
}

/** It only reads and prints; a minute is far more than it takes. Milliseconds. */
const mixTimeout = 120_000

async function runMixDeps(folder: string, env: NodeJS.ProcessEnv, world: World): Promise<MixDepsRun | undefined> {
  const { log, secrets } = world
  const own = childEnvironment(env, { secrets })
  const program = findProgram('mix', own)
  if (program === undefined) return undefined
  return runProgram({ program, args: ['deps'], folder, env: own, timeout: mixTimeout, log, secrets })
}
