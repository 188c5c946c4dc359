import type { Github } from '../shared/github.ts'
import { fail } from '../shared/problem.ts'
import { createApiContents, readApiTree, readCommit, readMergeBase } from './api-tree.ts'
import { createContents } from './contents.ts'
import { readCommitTree, resolveCommit } from './git-tree.ts'
import type { Git } from './git.ts'
import type { Tree } from './tree.ts'

/** The commits of a repository: from the clone where it has them, from GitHub where it lacks them. */
export interface History {
  /** Whole id of what a revision names. Throws `ActionError` where nothing has it. */
  resolve(revision: string): Promise<string>
  /** The newest state of a branch: GitHub's, or without a token that of the clone. */
  tip(branch: string): Promise<string>
  tree(commit: string): Promise<Tree>
  /** Throws `ActionError` where the two have nothing in common, or where it cannot be found out. */
  mergeBase(one: string, other: string): Promise<string>
  /** Whether any of it came from GitHub rather than from the clone. Contents of single files do not count. */
  askedGithub(): boolean
}

/**
 * @param git undefined where there is no clone
 * @param api undefined where there is no token
 */
export function createHistory(
  git: Git | undefined,
  api: { readonly github: Github; readonly repository: string } | undefined
): History {
  const read = createContents(git, api && createApiContents(api.github, api.repository))
  const trees = new Map<string, Promise<Tree>>()
  let asked = false
  const remote = <T>(what: string, ask: (github: Github, repository: string) => Promise<T>): Promise<T> => {
    if (api === undefined) return fail(incomplete(what, git))
    asked = true
    return ask(api.github, api.repository)
  }

  const readTree = async (commit: string): Promise<Tree> => {
    const local = git && (await readCommitTree(git, commit, read))
    return (
      local ??
      remote(`the commit ${commit}`, async (github, repository) =>
        readApiTree(github, repository, await readCommit(github, repository, commit), read)
      )
    )
  }
  const local = async (revision: string): Promise<string | undefined> =>
    git && ((await resolveCommit(git, `refs/remotes/origin/${revision}`)) ?? (await resolveCommit(git, revision)))

  return {
    async resolve(revision) {
      const id = await local(revision)
      return id ?? remote(revision, async (github, repository) => (await readCommit(github, repository, revision)).sha)
    },
    async tip(branch) {
      // A clone has the branch as it was when it was made, or when this job was first run.
      if (api !== undefined) return (await readCommit(api.github, api.repository, `heads/${branch}`)).sha
      const id = git && (await resolveCommit(git, `refs/remotes/origin/${branch}`))
      return id ?? fail(incomplete(`the branch ${branch}`, git))
    },
    tree(commit) {
      const before = trees.get(commit)
      if (before !== undefined) return before
      const reading = readTree(commit)
      trees.set(commit, reading)
      return reading
    },
    async mergeBase(one, other) {
      if (one === other) return one
      const found = git === undefined ? undefined : await localMergeBase(git, one, other)
      if (found === 'none') return unrelated(one, other)
      if (found !== undefined) return found
      const base = await remote(`the history between ${one} and ${other}`, (github, repository) =>
        readMergeBase(github, repository, one, other)
      )
      return base ?? unrelated(one, other)
    },
    askedGithub: () => asked
  }
}

/** `none`: the clone is whole, and there is none. Undefined: this clone cannot tell. */
async function localMergeBase(git: Git, one: string, other: string): Promise<string | undefined> {
  // Where history is cut off, git gives an older common commit, or none, as if it were whole.
  if (git.shallow) return undefined
  const { exitCode, output } = await git.run(['merge-base', one, other])
  const id = output.toString('latin1').trim()
  if (exitCode === 0 && id !== '') return id
  // 1: none; 128: a commit is not there.
  return exitCode === 1 ? 'none' : undefined
}

function unrelated(one: string, other: string): never {
  return fail({
    code: 'change-incomplete',
    message: `The commits ${one} and ${other} have no history in common, so there is no change from one to the other.`,
    hint: 'Rebase the branch onto the one that it goes to, or give `base`.'
  })
}

function incomplete(what: string, git: Git | undefined): Parameters<typeof fail>[0] {
  return {
    code: 'change-incomplete',
    message:
      git === undefined
        ? `There is neither a clone nor a token from which ${what} could be read.`
        : `This clone does not have ${what}, and there is no token to ask GitHub for it.`,
    hint: 'Check out with `fetch-depth: 0`, or leave `github-token` out, so that the job’s own token is used (`permissions: contents: read, pull-requests: read`).'
  }
}
