import { baseOf, joinPath } from '../../shared/migrations/file-tree.ts'
import type { Source } from '../configuration.ts'
import type { ListedFiles } from '../listing.ts'
import type { PolicyFacts } from './facts.ts'
import { linkWords } from './links.ts'
import { isListing, pathBelow } from './listings.ts'
import { gitMv, quoted } from './rename-plan.ts'
import type { FrozenChange } from './frozen-paths.ts'
import type { PolicyFinding } from './rules.ts'

/** What keeps a change of a frozen path from being a port, and whether that is so because something was not read. */
export type Fault = { readonly finding: PolicyFinding; readonly unread: boolean }

/**
 * Whether a change makes a path what it is in the source: the same bytes under the same name, or gone there too.
 * Undefined: it does.
 */
export function portFault(facts: PolicyFacts, change: FrozenChange): Fault | undefined {
  const { path } = change
  const { source: configured } = facts.configuration
  const { source } = facts
  const fault = (message: string, hint: string, unread = false): Fault => ({
    finding: { rule: 'not-ported', level: 'error', file: path, message, hint },
    unread
  })
  if (configured === undefined) {
    return fault(
      `${path} must be ported, and the configuration names no source.`,
      'Name the repository under `source:` in the configuration.',
      true
    )
  }
  if (!isListing(source)) {
    const why = source ?? { notAvailable: 'The source was not read.', next: 'Run the guard again.' }
    return fault(`Whether ${path} is ported cannot be compared: ${why.notAvailable}`, why.next, true)
  }
  const below = pathBelow(configured.into, path)
  if (below === undefined && change.link !== undefined) {
    return fault(
      `${path} is ${linkWords[change.link]}, and a frozen path lies below it: what it brings there is not in the change, and not ported.`,
      `Take it out of the change: \`git rm -q --cached ${quoted(path)}\`.`
    )
  }
  const remote = joinPath(configured.path, below ?? '')
  if (below === undefined) {
    return fault(
      `${path} must be ported from ${source.label}, and lies outside ${configured.into}, which mirrors it.`,
      `Put it below ${configured.into}, under the name that it has in the source.`
    )
  }
  if (change.link !== undefined) {
    return fault(
      `${path} is ${linkWords[change.link]}, not the file that ${source.label} has: what it leads to is not in the change.`,
      `Put the file itself there, byte for byte: \`git rm -q --cached ${quoted(path)}\`, and \`${portCommand(facts, configured, below)}\`.`
    )
  }
  const theirs = source.files.get(below)
  if (change.blob === undefined) {
    return theirs === undefined
      ? undefined
      : fault(
          `${path} is gone here, and ${source.label} still has it.`,
          `Restore it: \`git checkout ${facts.change.base.commit.slice(0, 12)} -- ${quoted(path)}\`; or delete it in ${configured.repository} first.`
        )
  }
  if (theirs === change.blob) {
    const old = change.from === undefined ? undefined : pathBelow(configured.into, change.from)
    return old !== undefined && source.files.has(old)
      ? fault(
          `${change.from ?? ''} is now ${path}, and ${source.label} still has it under the old name.`,
          `Keep both, as the source does: \`git checkout ${facts.change.base.commit.slice(0, 12)} -- ${quoted(change.from ?? '')}\`.`
        )
      : undefined
  }
  const port = `\`${portCommand(facts, configured, below)}\``
  if (theirs === undefined) {
    const twin = sameBytes(source, change.blob, below)
    if (twin !== undefined) {
      const to = joinPath(configured.into, twin)
      return fault(
        `${source.label} has these bytes as ${twin}, not as ${below}: under another name it is another migration.`,
        `Run \`${gitMv({ from: path, to })}\`.`
      )
    }
    return fault(
      `${source.label} has no ${remote}: this migration was not ported from there.`,
      `Merge it in ${configured.repository} first; then port it: ${port}.`
    )
  }
  if (facts.lineEndings.get(path)?.includes(theirs) === true) {
    return fault(
      `${path} differs from ${source.label} in line endings only: git or an editor rewrote them (core.autocrlf).`,
      `Run \`git config core.autocrlf false\` and port it once more: ${port}.`
    )
  }
  return fault(
    `${path} is not what ${source.label} has: its blob is ${change.blob.slice(0, 12)}, there it is ${theirs.slice(0, 12)}.`,
    `Port it once more, byte for byte: ${port}.`
  )
}

function sameBytes({ files }: ListedFiles, blob: string, below: string): string | undefined {
  const ending = baseOf(below) === 'migration.sql' ? '/migration.sql' : ''
  for (const [path, theirs] of files) if (theirs === blob && path.endsWith(ending)) return path
  return undefined
}

/** Brings one file here, byte for byte. */
export function portCommand(
  { server = 'https://github.com' }: Pick<PolicyFacts, 'server'>,
  { repository, ref, path, into }: Source,
  below: string
): string {
  const to = joinPath(into, below)
  const folder = below.includes('/') ? `mkdir -p ${quoted(to.slice(0, to.lastIndexOf('/')))} && ` : ''
  return `git fetch ${server}/${repository} ${quoted(ref)} && ${folder}git show FETCH_HEAD:${quoted(joinPath(path, below))} > ${quoted(to)}`
}
