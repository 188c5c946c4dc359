import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { errorCode } from '../shared/http-failure.ts'
import { ActionError, type Problem } from '../shared/problem.ts'
import type { World } from '../shared/world.ts'
import { findAssets, type Asset } from './assets.ts'
import { readAssets } from './asset-state.ts'
import { findSection, readChangelog, type Section } from './changelog.ts'
import type { Destination, Inputs } from './inputs.ts'
import { fitNotes, type Notes } from './notes.ts'
import { connect, listed, type Releases } from './releases.ts'
import type { RemoteAsset, RemoteRelease } from './remote-release.ts'

/** What is there, locally and on GitHub. */
export interface Facts {
  readonly destination: Destination
  readonly section: Section | undefined
  readonly notes: Notes | undefined
  readonly assets: readonly Asset[]
  readonly remote: RemoteFacts | undefined
  /** Everything wrong so far. */
  readonly problems: readonly Problem[]
  readonly warnings: readonly Problem[]
}

export interface RemoteFacts {
  readonly tagExists: boolean
  /** The release of the tag: the published one, else its oldest draft. */
  readonly release: RemoteRelease | undefined
  readonly assets: readonly RemoteAsset[]
  /** Other drafts of the tag, which are left alone. */
  readonly otherDrafts: readonly RemoteRelease[]
  /** Newest first, at most as many as GitHub lists. */
  readonly releases: readonly RemoteRelease[]
  /** The repository's latest release; read only where this tag's release is published. */
  readonly latest: RemoteRelease | undefined
}

/** Reads everything, so that all that is wrong can be told at once. */
export async function inspect(inputs: Inputs, world: World): Promise<Facts> {
  const { destination } = inputs
  if (destination === undefined) throw new Error('inspect runs only with accepted inputs')
  const { section, problems, warnings } = await readSection(inputs, destination)
  const found = await findAssets(inputs.workspace, inputs.assets)
  const remote = await readRemote(connect(destination, world), destination, found.assets)
  for (const warning of warnings) world.log.warning(`${warning.file ?? ''}:${warning.line ?? 1}: ${warning.message}`)
  return {
    destination,
    section,
    notes: section && fitNotes(section.markdown, pointer(inputs, destination, section)),
    assets: found.assets,
    remote: 'facts' in remote ? remote.facts : undefined,
    problems: [...problems, ...found.problems, ...('problems' in remote ? remote.problems : [])],
    warnings
  }
}

async function readSection(
  { workspace, changelog: path }: Inputs,
  { tag }: Destination
): Promise<{ section: Section | undefined; problems: readonly Problem[]; warnings: readonly Problem[] }> {
  const text = await readText(resolve(workspace, path), path)
  if (typeof text !== 'string') return { section: undefined, problems: [text], warnings: [] }
  const found = findSection(readChangelog(path, text), tag)
  return 'section' in found
    ? { section: found.section, problems: [], warnings: found.warnings }
    : { section: undefined, problems: found.problems, warnings: [] }
}

async function readText(absolutePath: string, path: string): Promise<string | Problem> {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(await readFile(absolutePath))
  } catch (error) {
    const code = errorCode(error)
    if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA') {
      return {
        code: 'changelog-not-utf8',
        message: `${path} is not UTF-8.`,
        hint: 'Save the file as UTF-8.',
        file: path
      }
    }
    if (code === '') throw error
    return {
      code: 'changelog-unreadable',
      message: code === 'ENOENT' ? `There is no file ${path}.` : `${path} cannot be read (${code}).`,
      hint: 'Check the input `changelog` (relative to the workspace), and that actions/checkout ran before.',
      file: path
    }
  }
}

/** Where the rest of notes is that had to be cut. */
function pointer({ changelog }: Inputs, { serverUrl, repository, tag }: Destination, { heading }: Section): string {
  const path = [tag.raw, changelog.replaceAll('\\', '/').replace(/^\.\//, '')]
    .join('/')
    .split('/')
    .map(encodeURIComponent)
    .join('/')
  return `**[The rest of these notes stands in the changelog](${serverUrl}/${repository}/blob/${path}?plain=1#L${heading.line}).**`
}

async function readRemote(
  releases: Releases,
  { tag }: Destination,
  assets: readonly Asset[]
): Promise<{ readonly facts: RemoteFacts } | { readonly problems: readonly Problem[] }> {
  try {
    // The list first: its 404 speaks of the repository, the others' of the tag.
    const all = await releases.list()
    const published = await releases.published(tag.raw)
    const drafts = all.filter((release) => release.draft && release.tag === tag.raw).sort((a, b) => a.id - b.id)
    const beyond = published === undefined && drafts.length === 0 && all.length >= listed
    const release = published ?? drafts[0] ?? (beyond ? await releases.search(tag.raw) : undefined)
    return {
      facts: {
        tagExists: await releases.tagExists(tag.raw),
        release,
        assets: release === undefined ? [] : await readAssets(releases, release.id, assets),
        otherDrafts: drafts.filter(({ id }) => id !== release?.id),
        releases: all,
        latest: release?.draft === false ? await releases.latest() : undefined
      }
    }
  } catch (error) {
    if (error instanceof ActionError) return { problems: error.problems }
    throw error
  }
}
