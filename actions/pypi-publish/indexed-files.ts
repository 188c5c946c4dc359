import { createHash } from 'node:crypto'
import type { ReadOptions } from './index-api.ts'
import { fail } from '../shared/problem.ts'
import type { World } from '../shared/world.ts'
import { createCredentials } from './credentials.ts'
import { readProject, type IndexedFile, type IndexedProject } from './index-api.ts'
import type { Destination } from './inputs.ts'
import type { PackageIndex } from './package-index.ts'

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
  { index, credentials }: Pick<Destination, 'index' | 'credentials'>,
  world: World,
  options: ReadOptions = {}
): Promise<IndexedHashes> {
  const authorization = await readAuthorization(index, credentials, world)
  const project = await readProject(world.http, index, name, authorization, options)
  const names = new Set(ours.map(({ filename }) => filename))
  const there = new Map<string, string>()
  const urls = new Map<string, string>()
  for (const file of project.files) {
    if (!names.has(file.filename)) continue
    urls.set(file.filename, file.url)
    there.set(file.filename, file.sha256 ?? (await downloadHash(file, index, world, authorization, options)))
  }
  return { project, there, urls }
}

/**
 * What reads of an index of one's own carry: the password, where reads go to the host that uploads go to. PyPI is read
 * without any.
 */
async function readAuthorization(
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
  authorization: string | undefined,
  options: ReadOptions
): Promise<string> {
  const own = URL.canParse(file.url) && new URL(file.url).origin === new URL(index.simpleUrl).origin
  const answer = await http({
    method: 'GET',
    url: file.url,
    headers: own && authorization !== undefined ? { authorization } : {},
    ...options
  })
  if (answer.status === 200) return createHash('sha256').update(answer.body).digest('hex')
  return fail({
    code: 'index-without-hash',
    message: `${file.filename} is on ${index.label}, which shows no SHA-256 of it and answered ${answer.status} to its download.`,
    hint: 'So it cannot be told whether it is the same file. Let the index show SHA-256 hashes (pypiserver: --hash-algo sha256), or release a new version.'
  })
}
