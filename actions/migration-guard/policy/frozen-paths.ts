import type { ChangedFile } from '../change.ts'
import type { Condition, FrozenPaths } from '../configuration.ts'
import type { PolicyFacts } from './facts.ts'
import { pathMatcher } from './levels.ts'
import { linkChanges, linkWords, mayHold, type LinkKind } from './links.ts'
import { packageFault } from './packaged.ts'
import { portFault, type Fault } from './ported.ts'
import { quoted } from './rename-plan.ts'
import type { Family, Looked, PolicyFinding } from './rules.ts'
import { byReview, counted, listed } from './wording.ts'

type Operation = 'add' | 'edit' | 'delete' | 'rename'

/** One change of a frozen path, and what must hold for it. */
export interface FrozenChange {
  readonly op: Operation
  /** Where it is now, or was. */
  readonly path: string
  /** The old path of what was renamed. */
  readonly from?: string
  /** What it holds now; undefined for what is gone. */
  readonly blob: string | undefined
  /** What it held before. */
  readonly gone: string | undefined
  readonly conditions: readonly Condition[]
  /** What it is now, where it is no file: what such a thing leads to is not in the change. */
  readonly link?: LinkKind
  /** Of the guard's own files. */
  readonly builtIn: boolean
}

/** Frozen paths: add, edit, delete, rename, each by its own conditions. */
export const frozenPaths: Family = {
  name: 'Frozen paths',
  rules: ['frozen-path', 'not-ported', 'review-missing'],
  look: (facts) => look(facts, false)
}

/** The guard's own files are frozen without being written down: a change of them needs the review that it says. */
export const ownFiles: Family = {
  name: "The guard's own files",
  rules: ['guard-disarmed'],
  look: (facts) => look(facts, true)
}

function look(facts: PolicyFacts, builtIn: boolean): Looked | undefined {
  const frozen = facts.configuration.frozen.filter((entry) => entry.builtIn === builtIn)
  if (frozen.length === 0) return undefined
  const changes = frozenChanges(facts).filter((change) => change.builtIn === builtIn)
  const faults = changes.flatMap((change) => change.conditions.flatMap((condition) => judge(facts, change, condition)))
  const review = reviewOf(facts, changes, builtIn)
  const touched = new Set(changes.map(({ path }) => path)).size
  return {
    detail: `${counted(facts.change.files.length, 'changed file')} compared with ${counted(frozen.flatMap(({ paths }) => paths).length, 'frozen path')}: ${touched === 0 ? 'none touched' : `${String(touched)} touched`}`,
    findings: [...unique(faults.filter(({ unread }) => !unread)), ...review.findings],
    unread: unique(faults.filter(({ unread }) => unread)),
    notChecked: review.notChecked
  }
}

/** A path that two entries freeze is told once. */
function unique(faults: readonly Fault[]): readonly PolicyFinding[] {
  return [...new Map(faults.map(({ finding }) => [`${finding.rule} ${finding.message}`, finding])).values()]
}

/**
 * The changes of frozen paths. A rename into one adds there, a rename out of one deletes there, and one that changes the
 * contents as well is also an edit. Links and submodules change what a path holds from above it, too.
 */
export function frozenChanges(facts: PolicyFacts): readonly FrozenChange[] {
  const { configuration, change } = facts
  const links = new Map(linkChanges(change).map((link) => [link.path, link]))
  return configuration.frozen.flatMap((entry) => {
    const matches = pathMatcher(entry.paths)
    const files = change.files.flatMap((file) => ofFile(entry, matches, file))
    const told = new Set(files.flatMap(({ path, from }) => [path, from]))
    const above = [...links.values()].flatMap((link): readonly FrozenChange[] => {
      const { path, op, kind } = link
      if (told.has(path) || !(matches(path) || entry.paths.some((glob) => mayHold(path, glob)))) return []
      const common = { op, path, gone: link.gone, conditions: entry[op], builtIn: entry.builtIn }
      return [kind === undefined ? { ...common, blob: undefined } : { ...common, blob: link.blob, link: kind }]
    })
    return [...files.map((each) => withLink(each, links.get(each.path)?.kind)), ...above]
  })
}

function withLink(change: FrozenChange, link: LinkKind | undefined): FrozenChange {
  return link === undefined || change.op === 'delete' ? change : { ...change, link }
}

function ofFile(entry: FrozenPaths, matches: (path: string) => boolean, file: ChangedFile): readonly FrozenChange[] {
  const { builtIn } = entry
  const was = file.kind !== 'added' && matches(file.before.path) ? file.before : undefined
  const is = file.kind !== 'deleted' && matches(file.after.path) ? file.after : undefined
  if (was === undefined && is === undefined) return []
  if (was === undefined || is === undefined) {
    const op = is === undefined ? 'delete' : 'add'
    const path = (is ?? was)?.path ?? file.path
    return [{ op, path, blob: is?.blob, gone: was?.blob, conditions: entry[op], builtIn }]
  }
  const both = { path: is.path, blob: is.blob, gone: was.blob, builtIn }
  const isEdited = was.blob !== is.blob || was.mode !== is.mode
  return [
    ...(was.path === is.path ? [] : [{ ...both, op: 'rename' as const, from: was.path, conditions: entry.rename }]),
    ...(isEdited
      ? [{ ...both, op: 'edit' as const, ...(was.path === is.path ? {} : { from: was.path }), conditions: entry.edit }]
      : [])
  ]
}

/** How a change is told: `… is frozen and was added`. */
const done: Readonly<Record<Operation, string>> = {
  add: 'added',
  edit: 'edited',
  delete: 'deleted',
  rename: 'renamed'
}

function judge(facts: PolicyFacts, change: FrozenChange, condition: Condition): readonly Fault[] {
  switch (condition) {
    case 'reviewed':
      return []
    case 'ported': {
      const fault = portFault(facts, change)
      return fault === undefined ? [] : [fault]
    }
    case 'packaged': {
      const fault = packageFault(facts, change)
      return fault === undefined ? [] : [fault]
    }
    case 'forbidden':
      return [{ finding: forbidden(facts, change), unread: false }]
  }
}

function forbidden(facts: PolicyFacts, change: FrozenChange): PolicyFinding {
  const { path, from, op, builtIn } = change
  const base = facts.change.base.commit.slice(0, 12)
  const back =
    op === 'add'
      ? `git rm --cached ${quoted(path)}`
      : op === 'rename'
        ? `git mv ${quoted(path)} ${quoted(from ?? path)}`
        : from === undefined
          ? `git checkout ${base} -- ${quoted(path)}`
          : `git show ${base}:${quoted(from)} > ${quoted(path)}`
  return {
    rule: builtIn ? 'guard-disarmed' : 'frozen-path',
    level: 'error',
    file: path,
    message: `${from === undefined ? path : `${from}, now ${path},`} is frozen and was ${done[op]}.${linked(change)}`,
    hint: `Take it out of the change: \`${back}\`.${byReview(facts)}`
  }
}

/** Why it counts though no file of the path has changed. */
function linked({ link }: FrozenChange): string {
  return link === undefined ? '' : ` It is ${linkWords[link]}: what it brings there is not in the change.`
}

/** One finding for all paths: a review is of the whole change. */
function reviewOf(
  { approval, change }: PolicyFacts,
  changes: readonly FrozenChange[],
  builtIn: boolean
): { readonly findings: readonly PolicyFinding[]; readonly notChecked: readonly string[] } {
  const reviewed = changes.filter(({ conditions }) => conditions.includes('reviewed'))
  const first = reviewed[0]
  if (first === undefined || approval?.state === 'approved') return { findings: [], notChecked: [] }
  const paths = [...new Set(reviewed.map(({ path }) => path))]
  const what = `${listed(paths)} ${paths.length === 1 ? 'needs' : 'need'} an approving review`
  if (approval === undefined && (change.kind === 'push' || change.kind === 'local')) {
    return {
      findings: [],
      notChecked: [`${what}: a ${change.kind === 'push' ? 'push' : 'local run'} knows no reviews.`]
    }
  }
  const { why, next } = approval ?? {
    why: 'No review could be asked for.',
    next: 'Give the job `pull-requests: read`.'
  }
  return {
    findings: [
      {
        rule: builtIn ? 'guard-disarmed' : 'review-missing',
        level: 'error',
        file: first.path,
        message: `${what}. ${why}`,
        hint: next
      }
    ],
    notChecked: []
  }
}
