import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { errorCode } from '../shared/http-failure.ts'
import { ActionError, type Problem } from '../shared/problem.ts'
import type { World } from '../shared/world.ts'
import { distributionKind, readDistribution, type DistributionReading } from './distribution.ts'
import { requestIdentityToken, tellClaims } from './identity-token.ts'
import type { IndexedProject } from './index-api.ts'
import { readIndexedHashes, type IndexedHashes } from './indexed-files.ts'
import type { Destination, Inputs } from './inputs.ts'
import { isWarehouse } from './package-index.ts'
import { normalizeName } from './project-name.ts'
import { readAudience } from './trusted-publishing.ts'

/** All that is known before anything is decided. */
export interface Facts {
  readonly destination: Destination
  /** The folder as the user names it. */
  readonly shownDir: string
  readonly files: readonly DistributionReading[]
  /** Names in the folder that are neither wheels nor sdists; those of folders end in `/`. */
  readonly strays: readonly string[]
  /** What the index has of the project; absent when it is not clear which project it is. */
  readonly project: IndexedProject | undefined
  /** SHA-256 of the files on the index that have the name of one of ours. */
  readonly there: ReadonlyMap<string, string>
  /** What this job presents for trusted publishing, one claim each. */
  readonly claims: readonly string[]
  readonly problems: readonly Problem[]
  /** When this was found out. Milliseconds since the epoch. */
  readonly now: number
}

/** Reads the folder, every distribution in it, and the index. Writes nothing. */
export async function inspect(inputs: Inputs, world: World): Promise<Facts> {
  const { destination } = inputs
  if (destination === undefined) throw new Error('inspect needs inputs without problems')
  const problems: Problem[] = []
  const { names, strays } = await listFolder(inputs, problems)
  const files: DistributionReading[] = []
  for (const name of names) {
    world.log.debug(`reading ${name}`)
    const reading = await readOrTell(join(inputs.packagesDir, name), `${inputs.shownDir}/${name}`)
    files.push(isWarehouse(destination.index) ? reading : forOtherIndex(reading))
  }
  const remote = await collected(problems, () => readIndex(files, destination, world))
  // Who has nothing to upload need not say who it is.
  const missing = files.some(
    ({ distribution }) => distribution !== undefined && remote?.there.get(distribution.filename) === undefined
  )
  const claims = missing ? await collected(problems, () => readIdentity(destination, world)) : []
  return {
    destination,
    shownDir: inputs.shownDir,
    files,
    strays,
    project: remote?.project,
    there: remote?.there ?? new Map(),
    claims: claims ?? [],
    problems,
    now: world.clock.now()
  }
}

/** Rules of PyPI that an index of one's own need not have: its wheels may be for its own machines alone. */
const onlyPypi = new Set(['wheel-platform', 'local-version'])

function forOtherIndex(reading: DistributionReading): DistributionReading {
  return {
    ...reading,
    problems: reading.problems.filter(({ code }) => !onlyPypi.has(code)),
    warnings: [...reading.warnings, ...reading.problems.filter(({ code }) => onlyPypi.has(code))]
  }
}

/** So that what is wrong at the index is told together with what is wrong in the files. */
async function collected<T>(problems: Problem[], read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read()
  } catch (error) {
    if (!(error instanceof ActionError)) throw error
    problems.push(...error.problems)
    return undefined
  }
}

async function listFolder(
  { packagesDir, shownDir }: Inputs,
  problems: Problem[]
): Promise<{ readonly names: readonly string[]; readonly strays: readonly string[] }> {
  const names: string[] = []
  const strays: string[] = []
  try {
    const entries = await readdir(packagesDir, { withFileTypes: true })
    for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
      if (entry.isDirectory()) strays.push(`${entry.name}/`)
      else if (distributionKind(entry.name) !== undefined && (await isFile(join(packagesDir, entry.name))))
        names.push(entry.name)
      // Build tools leave such files behind, `.gitignore` by uv for one; nobody means to publish them.
      else if (!entry.name.startsWith('.')) strays.push(entry.name)
    }
  } catch (error) {
    const code = errorCode(error)
    // Links in a circle, names too long, a NUL: whatever keeps the folder from being read is the path's fault.
    if (code === '') throw error
    problems.push({
      code: 'packages-dir',
      message: `The folder ${shownDir} cannot be read (${code}).`,
      hint: 'Build into this folder in an earlier step, download the artifact into it, or set packages-dir. It is relative to the workspace.'
    })
  }
  return { names, strays }
}

/** Follows links; a link to nowhere is no file. */
async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile()
  } catch {
    return false
  }
}

/** A file that the system does not let us read is told like one with faults, together with the others. */
async function readOrTell(path: string, file: string): Promise<DistributionReading> {
  try {
    return await readDistribution(path, file)
  } catch (error) {
    const code = errorCode(error)
    if (!/^E[A-Z0-9]+$/.test(code)) throw error
    const problem: Problem = {
      code: 'file-unreadable',
      message: `${file} cannot be read (${code}).`,
      hint: 'Check the owner and the permissions of the file; a step that ran in a container may have written it as root.',
      file
    }
    return { distribution: undefined, problems: [problem], warnings: [], notChecked: [] }
  }
}

async function readIndex(
  files: readonly DistributionReading[],
  destination: Destination,
  world: World
): Promise<IndexedHashes | undefined> {
  const distributions = files.flatMap(({ distribution }) => (distribution === undefined ? [] : [distribution]))
  const [name, ...others] = new Set(distributions.map((distribution) => normalizeName(distribution.name)))
  if (name === undefined || others.length > 0) return undefined
  const found = await readIndexedHashes(name, distributions, destination, world)
  for (const doubt of found.project.notChecked) world.log.warning(`Not checked: ${doubt}`)
  return found
}

/** Asks for an identity as the upload will, so that a missing permission is told before anything is uploaded. */
async function readIdentity({ index, credentials }: Destination, world: World): Promise<readonly string[]> {
  if (credentials.kind !== 'trusted-publishing') return []
  const audience = await readAudience(world, index)
  return tellClaims((await requestIdentityToken(world.http, world.secrets, credentials, audience)).claims)
}
