import type { ChangedFile } from '../change.ts'
import type { Condition, FrozenPaths } from '../configuration.ts'
import type { PolicyFacts } from './facts.ts'
import { pathMatcher } from './levels.ts'
import { packageFault } from './packaged.ts'
import { portFault, type Fault } from './ported.ts'
import { quoted } from './rename-plan.ts'
import type { Family, Looked, PolicyFinding } from './rules.ts'
import { counted, listed } from './wording.ts'

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

/** The changes of frozen paths. A rename into one adds there, a rename out of one deletes there. */
export function frozenChanges({ configuration, change }: PolicyFacts): readonly FrozenChange[] {
  return configuration.frozen.flatMap((entry) => {
    const matches = pathMatcher(entry.paths)
    return change.files.flatMap((file) => frozenChange(entry, matches, file) ?? [])
  })
}

function frozenChange(
  entry: FrozenPaths,
  matches: (path: string) => boolean,
  file: ChangedFile
): FrozenChange | undefined {
  const { builtIn } = entry
  const add = (path: string, blob: string): FrozenChange => ({
    op: 'add',
    path,
    blob,
    gone: undefined,
    conditions: entry.add,
    builtIn
  })
  const remove = (path: string, gone: string): FrozenChange => ({
    op: 'delete',
    path,
    blob: undefined,
    gone,
    conditions: entry.delete,
    builtIn
  })
  if (file.kind === 'renamed') {
    const { path, before, after } = file
    const [wasFrozen, isFrozen] = [matches(before.path), matches(path)]
    if (wasFrozen && isFrozen) {
      return {
        op: 'rename',
        path,
        from: before.path,
        blob: after.blob,
        gone: before.blob,
        conditions: entry.rename,
        builtIn
      }
    }
    return isFrozen ? add(path, after.blob) : wasFrozen ? remove(before.path, before.blob) : undefined
  }
  if (!matches(file.path)) return undefined
  if (file.kind === 'added') return add(file.path, file.after.blob)
  if (file.kind === 'deleted') return remove(file.path, file.before.blob)
  return { op: 'edit', path: file.path, blob: file.after.blob, gone: file.before.blob, conditions: entry.edit, builtIn }
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

function forbidden(facts: PolicyFacts, { path, from, op, builtIn }: FrozenChange): PolicyFinding {
  const base = facts.change.base.commit.slice(0, 12)
  const back =
    op === 'add'
      ? `git rm --cached ${quoted(path)}`
      : op === 'rename'
        ? `git mv ${quoted(path)} ${quoted(from ?? path)}`
        : `git checkout ${base} -- ${quoted(path)}`
  return {
    rule: builtIn ? 'guard-disarmed' : 'frozen-path',
    level: 'error',
    file: path,
    message: `${from === undefined ? path : `${from}, now ${path},`} is frozen and was ${done[op]}.`,
    hint: `Take it out of the change: \`${back}\`.${byReview(facts)}`
  }
}

function byReview({ configuration: { bypass } }: PolicyFacts): string {
  return bypass.allowed
    ? ' Where it must be, somebody who may reviews the newest commit with the body `ALLOW_CORE_MIGRATION: REASON, until YYYY-MM-DD`.'
    : ''
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
