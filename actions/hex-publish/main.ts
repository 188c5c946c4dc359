import { createInputReader } from '../shared/inputs.ts'
import { execute, type Executable, type Execution } from '../shared/phases.ts'
import type { World } from '../shared/world.ts'
import { changeRelease } from './change/main.ts'
import { verifyDependency } from './dependency/main.ts'
import { readMode, type Mode } from './mode.ts'
import { publishRelease } from './publish/main.ts'

/** Publishes a package to Hex, changes a release that is there, or proves that a dependency comes from there. */
export const hexPublish: Executable = {
  name: 'hex-publish',
  // The mode is read once more with the other inputs of its family, where a bad one becomes a problem.
  execute: (world, env) => families[readMode(createInputReader(env, world.secrets))](world, env)
}

type Family = (world: World, env: NodeJS.ProcessEnv) => Promise<Execution>

const publish: Family = (world, env) => execute(publishRelease, world, env)
const change: Family = (world, env) => execute(changeRelease, world, env)
const verify: Family = (world, env) => execute(verifyDependency, world, env)

const families: Readonly<Record<Mode, Family>> = {
  publish,
  docs: publish,
  verify,
  retire: change,
  unretire: change,
  revert: change
}
