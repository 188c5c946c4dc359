import type { Github } from '../shared/github.ts'
import { fail } from '../shared/problem.ts'
import type { RunContext } from '../shared/run-context.ts'
import type { World } from '../shared/world.ts'
import { get, textAt, valueAt } from './api-tree.ts'
import type { Change } from './change.ts'
import { readEvent, type GuardEvent } from './event.ts'
import { openGit, type Git } from './git.ts'
import { createHistory, type History } from './history.ts'
import { readLocalChange, type LocalState } from './local-change.ts'
import { readGroupedPulls } from './merge-group.ts'
import { differences } from './tree-difference.ts'
import { shortCommit } from './verdict-words.ts'

/** What a change is read for. */
export interface ChangeRequest {
  /** The checkout, absolute. It need not be one where there is a token. */
  readonly folder: string
  readonly environment: NodeJS.ProcessEnv
  /** What input `base` or `--base` names. */
  readonly base: string | undefined
  readonly github: Github | undefined
  readonly run:
    { readonly kind: 'workflow'; readonly context: RunContext } | { readonly kind: 'local'; readonly state: LocalState }
}

/**
 * Finds out what changed. The head is the one that the run was started for. What it goes to GitHub says where there is a
 * token, because the event of a run that is repeated is as old as its first run. Their files come from the clone where it
 * has them, otherwise from GitHub.
 * Throws `ActionError` where neither is complete.
 */
export async function readChange(request: ChangeRequest, world: Pick<World, 'log'>): Promise<Change> {
  const { run, folder, environment } = request
  const opened = await openGit(folder, environment, run.kind === 'local')
  if (run.kind === 'local') {
    if ('git' in opened) return readLocalChange(opened.git, request.base, run.state)
    return fail({ code: 'not-a-checkout', message: opened.why, hint: opened.atTerminal })
  }
  const git = 'git' in opened ? opened.git : undefined
  if ('why' in opened) world.log.debug(opened.why)
  const { repository } = run.context
  const api = request.github && repository !== undefined ? { github: request.github, repository } : undefined
  if (git === undefined && api === undefined && 'why' in opened)
    return fail({ code: 'not-a-checkout', message: opened.why, hint: opened.next })
  const history = createHistory(git, api)
  const event = await readEvent(run.context)
  const commits = await commitsOf(event, { history, api, git, base: request.base })
  return changeOf(history, commits)
}

/** Which commits make the change. */
interface Commits extends Pick<Change, 'kind' | 'pulls' | 'pullsKnown'> {
  readonly target: string
  readonly head: string
  /** Where it is not the merge base of both. */
  readonly base?: string
  readonly notes: readonly string[]
}

interface Sources {
  readonly history: History
  readonly api: { readonly github: Github; readonly repository: string } | undefined
  readonly git: Git | undefined
  readonly base: string | undefined
}

async function changeOf(history: History, commits: Commits): Promise<Change> {
  const baseId = commits.base ?? (await history.mergeBase(commits.target, commits.head))
  const [base, target, head] = await Promise.all([baseId, commits.target, commits.head].map((id) => history.tree(id)))
  if (base === undefined || target === undefined || head === undefined)
    throw new TypeError('three trees were asked for')
  return {
    kind: commits.kind,
    source: history.askedGithub() ? 'api' : 'git',
    base,
    target,
    head,
    files: differences(base, head),
    pulls: commits.pulls,
    ...(commits.pullsKnown === undefined ? {} : { pullsKnown: commits.pullsKnown }),
    notes: commits.notes
  }
}

function commitsOf(event: GuardEvent, sources: Sources): Promise<Commits> {
  switch (event.kind) {
    case 'pull_request':
      return pullCommits(event, sources)
    case 'merge_group':
      return groupCommits(event, sources)
    case 'push':
      return pushCommits(event, sources)
    case 'other':
      return namedCommits(event, sources)
  }
}

type EventOf<Kind extends GuardEvent['kind']> = Extract<GuardEvent, { readonly kind: Kind }>

async function pullCommits(event: EventOf<'pull_request'>, { history, api, base }: Sources): Promise<Commits> {
  const { number } = event
  const notes = base === undefined ? [] : [ignoredBase(base, `pull request #${number}`)]
  const commits = { kind: 'pull_request', pulls: [number] } as const
  if (api === undefined) {
    if (event.head === undefined || event.base === undefined || event.baseRef === undefined) return noPull(number)
    notes.push(
      `The state of pull request #${number} is the one of the event, as there is no token to ask GitHub for that of now.`
    )
    return { ...commits, target: await history.tip(event.baseRef), head: event.head, notes }
  }
  const pull = await readPullState(api, number)
  if (event.head !== undefined && event.head !== pull.head) {
    notes.push(
      `The head of pull request #${number} is ${shortCommit(pull.head)} now; this run was started for ${shortCommit(event.head)}, and judges that.`
    )
  }
  // Of one that is merged, the branch has it already; what it was merged into is its base.
  const target = pull.merged ? pull.base : await history.tip(pull.baseRef)
  if (pull.merged)
    notes.push(`Pull request #${number} is merged already; it is judged against what it was merged into.`)
  // The check of this run stays on the commit that it was started for. Green for what is the head now, it would be green
  // for the older commit as soon as somebody pushes that one again.
  return { ...commits, target, head: event.head ?? pull.head, notes }
}

interface PullState {
  readonly head: string
  readonly base: string
  readonly baseRef: string
  readonly merged: boolean
}

async function readPullState({ github, repository }: NonNullable<Sources['api']>, number: number): Promise<PullState> {
  const body = await get(github, `/repos/${repository}/pulls/${number}`, repository)
  const [head, base, baseRef] = [textAt(body, 'head', 'sha'), textAt(body, 'base', 'sha'), textAt(body, 'base', 'ref')]
  if (head === undefined || base === undefined || baseRef === undefined) return noPull(number)
  return { head, base, baseRef, merged: valueAt(body, 'merged') === true }
}

function noPull(number: number): never {
  return fail({
    code: 'change-incomplete',
    message: `Head and base of pull request #${number} stand neither in the event nor in GitHub’s answer.`,
    hint: 'Give the job `permissions: contents: read, pull-requests: read` and leave `github-token` out, so that GitHub can be asked.'
  })
}

/**
 * A group is judged against the branch, with everything that stands before it in the queue: where a queue may merge
 * entries that failed ("Only merge non-failing pull requests" is off), those come along with the group behind them, and a
 * configuration that one of them brings is nobody's yet.
 */
async function groupCommits(event: EventOf<'merge_group'>, { history, api, git, base }: Sources): Promise<Commits> {
  const target = await history.tip(event.branch)
  const { pulls, known, notes } = await readGroupedPulls({ ...event, base: target }, api, git)
  return {
    kind: 'merge_group',
    pulls,
    pullsKnown: known,
    target,
    head: event.head,
    notes: base === undefined ? notes : [ignoredBase(base, 'a group of the merge queue'), ...notes]
  }
}

async function pushCommits(event: EventOf<'push'>, sources: Sources): Promise<Commits> {
  const { history, base } = sources
  const { before, after } = event
  const commits = { kind: 'push', pulls: [], head: after } as const
  if (base !== undefined) {
    const target = await history.resolve(base)
    return { ...commits, target, notes: [`The push is judged against ${base}, as input base says.`] }
  }
  // After a forced push, too: what it took away from the branch is part of what it changed.
  if (before !== undefined) return { ...commits, target: before, base: before, notes: [] }
  const branch = event.defaultBranch ?? (await readDefaultBranch(sources))
  return {
    ...commits,
    target: await history.tip(branch),
    notes: [`The ref is new, so it is judged against the branch ${branch}.`]
  }
}

async function readDefaultBranch({ api }: Sources): Promise<string> {
  const body = api && (await get(api.github, `/repos/${api.repository}`, api.repository))
  return textAt(body, 'default_branch') ?? noBase('a push of a new ref')
}

async function namedCommits(event: EventOf<'other'>, { history, base }: Sources): Promise<Commits> {
  if (base === undefined || event.head === undefined) return noBase(`the event ${event.name || 'of this run'}`)
  return { kind: 'push', pulls: [], head: event.head, target: await history.resolve(base), notes: [] }
}

function noBase(what: string): never {
  return fail({
    code: 'change-without-base',
    message: `There is nothing to compare with: ${what} has no change of its own.`,
    hint: 'Run this job on pull_request, pull_request_review, merge_group or push, or set input base to a branch or a commit.'
  })
}

/** The workflow of a pull request is part of it: what it names as base could be its own head. */
function ignoredBase(base: string, what: string): string {
  return `Input base (${base}) is not used: GitHub says what ${what} goes to.`
}
