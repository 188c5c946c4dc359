import type { Problem } from '../shared/problem.ts'
import { faultProblem, readYaml, type Fault } from './located.ts'
import { dictionary, readShape, record, text, whole } from './shape.ts'

/** A committed list of what the source of truth has, for those who cannot ask it. */
export interface Manifest {
  /** `owner/name` */
  readonly repository: string
  readonly ref: string
  /** Whole id of the commit that it was made from. */
  readonly commit: string
  /** The folder of migrations there. */
  readonly path: string
  /** Blob ids by path below that folder. */
  readonly files: ReadonlyMap<string, string>
}

/** The manifest as JSON, one file a line in the order of their paths, so that a change of it can be read. */
export function makeManifest({ repository, ref, commit, path, files }: Manifest): string {
  const sorted = [...files].sort(([one], [other]) => (one < other ? -1 : 1))
  return `${JSON.stringify({ manifestVersion: 1, repository, ref, commit, path, files: Object.fromEntries(sorted) }, null, 2)}\n`
}

const objectId = '^(?:[0-9a-f]{40}|[0-9a-f]{64})$'

const shape = record(
  {
    manifestVersion: whole(1, 1),
    repository: text('^[^/\\s]+/[^/\\s]+$', 'repository with its owner', 'org/database'),
    ref: text('^\\S+$', 'branch, tag or commit', 'main'),
    commit: text(objectId, 'whole id of a commit', 'the output of `git rev-parse HEAD`'),
    path: text('^[^/\\\\](?:[^\\\\]*[^/\\\\])?$', 'path in the source', 'priv/repo/migrations'),
    files: dictionary(
      '^(?!/)(?!(?:.*/)?\\.{1,2}(?:/|$))[^\\\\]+$',
      'path below that folder',
      text(objectId, 'blob id of git', 'the output of `git hash-object FILE`')
    )
  },
  {}
)

/** A few for each of 100,000 files. */
const mostValues = 300_000

/**
 * Reads a manifest strictly: what it does not say plainly would prove nothing.
 * @param file its path, for problems
 */
export function readManifest(
  text: string,
  file: string
): { readonly manifest: Manifest } | { readonly problems: readonly Problem[] } {
  const yaml = readYaml(text, mostValues)
  if ('faults' in yaml) return told(file, yaml.faults)
  const read = readShape(shape, yaml.value)
  if ('faults' in read) return told(file, read.faults)
  const { repository, ref, commit, path, files } = read.value
  return { manifest: { repository, ref, commit, path, files: new Map(Object.entries(files)) } }
}

function told(file: string, faults: readonly Fault[]): { readonly problems: readonly Problem[] } {
  return { problems: faults.map((fault) => faultProblem('guard-manifest', file, fault)) }
}
