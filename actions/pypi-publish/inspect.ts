import { createHash } from 'node:crypto'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { errorCode } from '../shared/http-failure.ts'
import { ActionError, type Problem } from '../shared/problem.ts'
import type { World } from '../shared/world.ts'
import { createCredentials } from './credentials.ts'
import { distributionKind, readDistribution, type DistributionReading } from './distribution.ts'
import { requestIdentityToken, tellClaims } from './identity-token.ts'
import { readProject, type IndexedFile, type IndexedProject } from './index-api.ts'
import type { Destination, Inputs } from './inputs.ts'
import { isWarehouse, type PackageIndex } from './package-index.ts'
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
    const reading = await readDistribution(join(inputs.packagesDir, name), `${inputs.shownDir}/${name}`)
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
    if (code !== 'ENOENT' && code !== 'ENOTDIR' && code !== 'EACCES') throw error
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

async function readIndex(
  files: readonly DistributionReading[],
  destination: Destination,
  world: World
): Promise<IndexedHashes | undefined> {
  const distributions = files.flatMap(({ distribution }) => (distribution === undefined ? [] : [distribution]))
  const [name, ...others] = new Set(distributions.map((distribution) => normalizeName(distribution.name)))
  if (name === undefined || others.length > 0) return undefined
  return readIndexedHashes(name, distributions, destination, world)
}

/** A project on the index, and those of its files that have the names of ours. */
export interface IndexedHashes {
  readonly project: IndexedProject
  /** SHA-256 by file name. */
  readonly there: ReadonlyMap<string, string>
  /** Address by file name. */
  readonly urls: ReadonlyMap<string, string>
}

/**
 * Reads what the index has under the names of these files.
 * @throws {ActionError} when the index cannot be read, or tells nothing of a file's bytes
 */
export async function readIndexedHashes(
  name: string,
  ours: readonly { readonly filename: string }[],
  { index, credentials }: Destination,
  world: World
): Promise<IndexedHashes> {
  const authorization = await readAuthorization(index, credentials, world)
  const project = await readProject(world.http, index, name, authorization)
  const names = new Set(ours.map(({ filename }) => filename))
  const there = new Map<string, string>()
  const urls = new Map<string, string>()
  for (const file of project.files) {
    if (!names.has(file.filename)) continue
    urls.set(file.filename, file.url)
    there.set(file.filename, file.sha256 ?? (await downloadHash(file, index, world, authorization)))
  }
  return { project, there, urls }
}

/**
 * What reads of an index of one's own carry: the password, where reads go to the host that uploads go to. PyPI is read
 * without any.
 */
export async function readAuthorization(
  index: PackageIndex,
  credentials: Destination['credentials'],
  world: World
): Promise<string | undefined> {
  if (credentials.kind !== 'password') return undefined
  if (new URL(index.simpleUrl).origin !== new URL(index.uploadUrl).origin) return undefined
  return createCredentials(credentials, index, world).authorization()
}

/** Where the index shows no SHA-256, the file itself tells. */
async function downloadHash(
  file: IndexedFile,
  index: PackageIndex,
  { http }: World,
  authorization: string | undefined
): Promise<string> {
  const own = URL.canParse(file.url) && new URL(file.url).origin === new URL(index.simpleUrl).origin
  const answer = await http({
    method: 'GET',
    url: file.url,
    headers: own && authorization !== undefined ? { authorization } : {}
  })
  if (answer.status === 200) return createHash('sha256').update(answer.body).digest('hex')
  throw new ActionError([
    {
      code: 'index-without-hash',
      message: `${file.filename} is on ${index.label}, which shows no SHA-256 of it and answered ${answer.status} to its download.`,
      hint: 'So it cannot be told whether it is the same file. Let the index show SHA-256 hashes (pypiserver: --hash-algo sha256), or release a new version.'
    }
  ])
}

/** Asks for an identity as the upload will, so that a missing permission is told before anything is uploaded. */
async function readIdentity({ index, credentials }: Destination, world: World): Promise<readonly string[]> {
  if (credentials.kind !== 'trusted-publishing') return []
  const audience = await readAudience(world, index)
  return tellClaims((await requestIdentityToken(world.http, world.secrets, credentials, audience)).claims)
}
