import { readdir, readFile } from 'node:fs/promises'
import { join, posix } from 'node:path'
import { createGithub } from '../shared/github.ts'
import { readHexManifest } from '../shared/hex/hex-manifest.ts'
import { registryUrl } from '../shared/hex/hex-api.ts'
import { readMixExs } from '../shared/hex/mix-exs.ts'
import { readMixLock, type HexLock, type LockEntry } from '../shared/hex/mix-lock.ts'
import { namesNothing } from '../shared/hex/mix-project.ts'
import { readPackageFiles } from '../shared/hex/package-files.ts'
import { HttpFailure } from '../shared/http.ts'
import { ActionError } from '../shared/problem.ts'
import type { World } from '../shared/world.ts'
import { listApiTree, readCommit } from './api-tree.ts'
import type { Change } from './change.ts'
import type { SharedPackage } from './configuration.ts'
import { blobId } from './contents.ts'
import type { Inputs } from './inputs.ts'
import type { NotAvailable, PackageListing } from './listing.ts'
import { packageDoubt } from './package-trust.ts'
import { repositoryIn } from './repository-url.ts'
import { below } from './source-listing.ts'
import type { Tree } from './tree.ts'

/** Where a package is looked for. */
interface Place {
  readonly pkg: SharedPackage
  readonly head: Tree
  /** Of the Mix project whose lock file names it, `.` for the root. */
  readonly project: string
  readonly inputs: Pick<Inputs, 'tokens' | 'context' | 'folder'>
  readonly world: Pick<World, 'http' | 'clock'>
}

/**
 * What the package has at the version that the head's mix.lock names: a change may lock a version and delete what
 * that version holds. Nothing is installed for it. A release is its tarball, whose checksum is in the lock; where Hex
 * does not give it (packages of organizations), what `mix deps.get` unpacked, if it says that it is that release.
 */
export async function readPackage(
  pkg: SharedPackage,
  change: Pick<Change, 'head' | 'kind' | 'target'>,
  inputs: Place['inputs'],
  world: Place['world']
): Promise<PackageListing> {
  const { head, target } = change
  const project = projectOf(head, pkg)
  const file = posix.join(project, 'mix.lock')
  const place: Place = { pkg, head, project, inputs, world }
  const entry = head.files.has(file) ? await lockEntry(head, file, pkg.name) : undefined
  if (entry !== undefined && 'notAvailable' in entry) return entry
  const listing = await readLocked(place, file, entry, change.kind === 'local')
  if (!('files' in listing)) return listing
  const doubt = await packageDoubt(target, head, { name: pkg.name, project, entry })
  return doubt === undefined ? listing : { ...listing, doubt }
}

function readLocked(
  place: Place,
  file: string,
  entry: LockEntry | undefined,
  local: boolean
): Promise<PackageListing> | PackageListing {
  const { pkg } = place
  if (entry === undefined) return readByPath(place, file)
  switch (entry.kind) {
    case 'hex':
      return readRelease(place, entry, local)
    case 'git':
      return readFromGit(place, entry)
    case 'other':
      return {
        notAvailable: `${pkg.name} is ${entry.why} in ${file}, which cannot be read.`,
        next: `Run \`mix deps.update ${pkg.name}\` and commit the lock file.`
      }
  }
}

/** The nearest folder above the migrations that has a lock file, for an umbrella that of its root. */
function projectOf(head: Tree, { from }: SharedPackage): string {
  const parts = from.split('/')
  for (let length = parts.length; length > 0; length--) {
    const folder = parts.slice(0, length).join('/')
    if (head.files.has(`${folder}/mix.lock`)) return folder
  }
  return '.'
}

async function lockEntry(head: Tree, file: string, name: string): Promise<LockEntry | NotAvailable | undefined> {
  const read = readMixLock((await head.read(file)).toString('utf8'), file)
  if ('lock' in read) return read.lock.get(name)
  const [first] = read.problems
  return { notAvailable: `${file} cannot be read: ${first?.message ?? ''}`, next: first?.hint ?? '' }
}

async function readRelease(place: Place, lock: HexLock, local: boolean): Promise<PackageListing> {
  // Offline, too, a developer may ask; a job should not believe its own disk where it can ask Hex.
  const ways = local ? [readUnpacked, readTarball] : [readTarball, readUnpacked]
  const failures: NotAvailable[] = []
  for (const read of ways) {
    const listing = await read(place, lock)
    if ('files' in listing) return listing
    failures.push(listing)
  }
  return {
    notAvailable: failures.map(({ notAvailable }) => notAvailable).join(' '),
    next: failures.map(({ next }) => next).join(' Or: ')
  }
}

async function readTarball({ pkg, head, world }: Place, lock: HexLock): Promise<PackageListing> {
  const { version, outerChecksum } = lock
  const organization = /^hexpm(?::(.+))?$/.exec(lock.repository)
  if (organization === null) {
    return {
      notAvailable: `${lock.package} is locked from ${lock.repository}, which is no repository of Hex.`,
      next: 'Take it from hex.pm, or run `mix deps.get` before this step.'
    }
  }
  if (outerChecksum === undefined) {
    return {
      notAvailable: `mix.lock has no checksum of ${lock.package} ${version} that its tarball could be held to.`,
      next: `Run \`mix deps.update ${pkg.name}\` with a Hex of today and commit the lock file.`
    }
  }
  const repository = organization[1] === undefined ? '' : `repos/${organization[1]}/`
  const url = `${registryUrl}/${repository}tarballs/${lock.package}-${version}.tar`
  try {
    const { status, body } = await world.http({ method: 'GET', url })
    if (status !== 200) {
      return {
        notAvailable: `GET ${url} was answered ${status}.`,
        next: 'Check the version in mix.lock; for a package of an organization run `mix deps.get` before this step.'
      }
    }
    const read = await readPackageFiles(body, outerChecksum, pkg.path)
    if ('fault' in read) {
      return {
        notAvailable: `The tarball of ${lock.package} ${version} is refused: ${read.fault}.`,
        next: `Run \`mix deps.update ${pkg.name}\`, see what changed, and commit the lock file.`
      }
    }
    return listed(`${lock.package} ${version}`, hashed(read.files, head), version, 'hex')
  } catch (error) {
    if (!(error instanceof HttpFailure)) throw error
    return { notAvailable: error.message, next: error.problems[0]?.hint ?? '' }
  }
}

/** What Hex unpacked into deps/NAME, where the change itself brings none of it. */
async function readUnpacked({ pkg, head, project, inputs }: Place, lock: HexLock): Promise<PackageListing> {
  const shown = posix.join(project, 'deps', pkg.name)
  const next = 'Run `mix deps.get` before this step.'
  if ([...head.files.keys()].some((path) => path.startsWith(`${shown}/`))) {
    return {
      notAvailable: `${shown} is committed, so it is no proof of what was released.`,
      next: 'Take deps out of git: `git rm -r --cached deps`, and add it to .gitignore.'
    }
  }
  const folder = join(inputs.folder, shown)
  const bytes = await contentOf(join(folder, '.hex'))
  const manifest = bytes && readHexManifest(bytes)
  if (manifest === undefined || 'fault' in manifest) return { notAvailable: `${shown} is not unpacked by Hex.`, next }
  const { version, innerChecksum } = manifest.manifest
  if (version !== lock.version || innerChecksum === undefined || innerChecksum !== lock.innerChecksum)
    return { notAvailable: `${shown} holds ${version}, which is not what mix.lock has.`, next }
  const files = new Map<string, Buffer>()
  await collect(join(folder, pkg.path), '', files)
  return listed(`${lock.package} ${version} in ${shown}`, hashed(files, head), version, 'deps')
}

async function contentOf(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path)
  } catch (error) {
    if (namesNothing(error)) return undefined
    throw error
  }
}

/** Links are not followed: they are none of the package's files. */
async function collect(folder: string, prefix: string, files: Map<string, Buffer>): Promise<void> {
  let entries
  try {
    entries = await readdir(folder, { withFileTypes: true })
  } catch (error) {
    if (namesNothing(error)) return
    throw error
  }
  for (const entry of entries) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) await collect(path, `${prefix}${entry.name}/`, files)
    else if (entry.isFile()) files.set(prefix + entry.name, await readFile(path))
  }
}

async function readFromGit(
  { pkg, inputs, world }: Place,
  { url, revision, options }: Extract<LockEntry, { readonly kind: 'git' }>
): Promise<PackageListing> {
  const { context, tokens } = inputs
  const token = tokens.source ?? tokens.github
  const there = repositoryIn(url)
  if (there?.host !== new URL(context.serverUrl).host || token === undefined) {
    return {
      notAvailable: `${pkg.name} is locked from ${url.replace(/\/\/[^/@]*@/, '//')}, which cannot be asked for its files.`,
      next: 'Publish it on Hex, or give input `source-token` a token that can read its repository.'
    }
  }
  if (options.includes('sparse') || options.includes('subdir')) {
    return {
      notAvailable: `${pkg.name} is a part of a git repository (sparse or subdir), which is not read.`,
      next: 'Publish it on Hex.'
    }
  }
  const { repository } = there
  const github = createGithub({ ...world, apiUrl: context.apiUrl, graphqlUrl: context.graphqlUrl, token })
  try {
    const commit = await readCommit(github, repository, revision)
    const files = below(await listApiTree(github, repository, commit.tree), pkg.path)
    return listed(`${repository}@${revision.slice(0, 7)}`, files, revision, 'git')
  } catch (error) {
    if (!(error instanceof ActionError)) throw error
    return {
      notAvailable: `${repository} cannot be read: ${error.message}`,
      next: 'Give input `source-token` a token that can read it (`contents: read`): GitHub answers 404 for what a token may not see.'
    }
  }
}

/** Without an entry in the lock it may be a dependency by path, in the same repository. */
async function readByPath({ pkg, head, project }: Place, lockFile: string): Promise<PackageListing> {
  const file = posix.join(project, 'mix.exs')
  const read = head.files.has(file) ? readMixExs((await head.read(file)).toString('utf8'), file) : undefined
  const named =
    read !== undefined && 'mixExs' in read
      ? read.mixExs.dependencies.filter(({ name }) => name === pkg.name)
      : undefined
  const found = named?.find(({ path }) => path !== undefined)
  const folder = found?.path === undefined ? undefined : posix.join(project, found.path)
  if (folder === undefined) {
    return {
      notAvailable: `${lockFile} has no entry for ${pkg.name}.`,
      next: `Add \`{:${pkg.name}, "~> …"}\` to mix.exs, run \`mix deps.get\` and commit the lock file.`,
      ...(named?.length === 0 ? { unused: true } : {})
    }
  }
  if (folder.startsWith('..') || folder.startsWith('/')) {
    return {
      notAvailable: `${pkg.name} is taken from ${found?.path ?? ''}, outside of this repository.`,
      next: `Take it from Hex: \`{:${pkg.name}, "~> …"}\`.`
    }
  }
  return listed(folder, below(head.files, posix.join(folder, pkg.path)), 'path', 'path')
}

/** A folder that is not there is a fault of the setup, and would let nothing be deleted without a reason. */
function listed(
  label: string,
  files: ReadonlyMap<string, string>,
  version: string,
  way: 'hex' | 'deps' | 'git' | 'path'
): PackageListing {
  return files.size > 0
    ? { label, files, version, way }
    : {
        notAvailable: `${label} has no file in the folder that \`package.path\` names.`,
        next: 'Correct `package.path` in the configuration, or see that the package ships its migrations (`files` in its mix.exs).'
      }
}

function hashed(files: ReadonlyMap<string, Buffer>, head: Tree): ReadonlyMap<string, string> {
  const [first] = head.files.values()
  const format = first?.blob.length === 64 ? 'sha256' : 'sha1'
  return new Map([...files].map(([path, bytes]) => [path, blobId(bytes, format)]))
}
