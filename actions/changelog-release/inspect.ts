import { ActionError, type Problem } from '../shared/problem.ts'
import type { World } from '../shared/world.ts'
import { findAssets, type Asset } from './assets.ts'
import { readAssets } from './asset-state.ts'
import { readChangelogFile } from './changelog-file.ts'
import { findSection, readChangelog, type Section } from './changelog.ts'
import type { Destination, Inputs } from './inputs.ts'
import { fitNotes, type Notes } from './notes.ts'
import { connect, listed, type Releases } from './releases.ts'
import { sameText, type RemoteAsset, type RemoteRelease } from './remote-release.ts'
import { readTag } from './remote-tag.ts'

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
  /** SHAs of the tag: the object it names and, for an annotated one, the commit. Empty where there is no such tag. */
  readonly tagObjects: readonly string[]
  /** The release of the tag: the published one, else its oldest draft. */
  readonly release: RemoteRelease | undefined
  readonly assets: readonly RemoteAsset[]
  /** Other drafts of the tag, which are left alone. */
  readonly otherDrafts: readonly RemoteRelease[]
  /** Newest first, at most as many as GitHub lists. */
  readonly releases: readonly RemoteRelease[]
  /** Whether a draft of the tag may be there all the same, older than those, and there was no way to search for it. */
  readonly draftsUnknown: boolean
  /** The repository's latest release; read only where this tag's release is published. */
  readonly latest: RemoteRelease | undefined
}

/** Reads everything, so that all that is wrong can be told at once. */
export async function inspect(inputs: Inputs, world: World): Promise<Facts> {
  const { destination } = inputs
  if (destination === undefined) throw new Error('inspect runs only with accepted inputs')
  const { section, problems, warnings } = await readSection(inputs, destination)
  const found = await findAssets(inputs.workspace, inputs.assets)
  const remote = await readRemote(connect(destination, world), destination, found.assets, world)
  const notes = section && fitNotes(section.markdown, pointer(inputs, destination, section))
  const facts = 'facts' in remote ? remote.facts : undefined
  const told = [...warnings, ...(notes === undefined ? [] : draftWarnings(facts?.release, notes))]
  for (const { file, line, message } of told) {
    world.log.warning(file === undefined ? message : `${file}:${line ?? 1}: ${message}`)
  }
  return {
    destination,
    section,
    notes,
    assets: found.assets,
    remote: facts,
    problems: [...problems, ...found.problems, ...('problems' in remote ? remote.problems : [])],
    warnings: told
  }
}

/** The changelog's notes take the place of a draft's, also of those that a person wrote. */
function draftWarnings(release: RemoteRelease | undefined, { body }: Notes): Problem[] {
  if (release?.draft !== true || release.body.trim() === '' || sameText(release.body, body)) return []
  const author = release.author === undefined ? '' : ` of ${release.author}`
  return [
    {
      code: 'draft-notes-replaced',
      message: `The notes of draft ${release.id}${author} are others than the changelog’s, which take their place.`,
      hint: 'Write notes into the changelog: it is where a release’s notes come from, each time.'
    }
  ]
}

async function readSection(
  { workspace, changelog: path }: Inputs,
  { tag }: Destination
): Promise<{ section: Section | undefined; problems: readonly Problem[]; warnings: readonly Problem[] }> {
  const text = await readChangelogFile(workspace, path)
  if (typeof text !== 'string') return { section: undefined, problems: [text], warnings: [] }
  const found = findSection(readChangelog(path, text), tag)
  return 'section' in found
    ? { section: found.section, problems: [], warnings: found.warnings }
    : { section: undefined, problems: found.problems, warnings: [] }
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
  destination: Destination,
  assets: readonly Asset[],
  { clock }: World
): Promise<{ readonly facts: RemoteFacts } | { readonly problems: readonly Problem[] }> {
  const { tag } = destination
  try {
    // The list first: its 404 speaks of the repository, the others' of the tag.
    const all = await releases.list()
    const published = await releases.published(tag.raw)
    const drafts = all.filter((release) => release.draft && release.tag === tag.raw).sort((a, b) => a.id - b.id)
    const beyond = published === undefined && drafts.length === 0 && all.length >= listed
    const searched = beyond ? await releases.search(tag.raw) : undefined
    const release = published ?? drafts[0] ?? (searched === 'unknown' ? undefined : searched)
    return {
      facts: {
        tagObjects: await readTag(releases, destination, clock),
        release,
        assets: release === undefined ? [] : await readAssets(releases, release.id, assets),
        otherDrafts: drafts.filter(({ id }) => id !== release?.id),
        releases: all,
        draftsUnknown: searched === 'unknown',
        latest: release?.draft === false ? await releases.latest() : undefined
      }
    }
  } catch (error) {
    if (error instanceof ActionError) return { problems: error.problems }
    throw error
  }
}
