import { existsSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { isMapping, list, type Mapping, type Plain } from './workflow.ts'

/** A pull request that a repository describes for its rehearsals, in `pulls` of `.github/rehearsal.yml`. */
export interface Pull {
  /** As `--pull` names it. */
  readonly name: string
  readonly number: number
  readonly title: string
  readonly author: string
  readonly branch: string
  /** Absolute; what `git diff` wrote. */
  readonly patch: string
  /** It comes from the author's fork: its token reads only. */
  readonly fork: boolean
  /** In the order in which they come. */
  readonly reviews: readonly PullReview[]
}

export interface PullReview {
  readonly user: string
  readonly state: ReviewState
  readonly body: string
}

export const reviewStates = ['approved', 'commented', 'changes_requested'] as const
export type ReviewState = (typeof reviewStates)[number]

type Complain = (message: string, hint: string) => void

/**
 * Reads `pulls`: a mapping of names.
 *
 * @param repository folder that the patches are relative to
 */
export function readPulls(value: Plain | undefined, repository: string, complain: Complain): readonly Pull[] {
  if (value === undefined) return []
  if (!isMapping(value)) {
    complain('pulls is no mapping', 'write a name for each: `pulls: {forbidden: {title: …, patch: …}}`')
    return []
  }
  return Object.entries(value).flatMap(([name, given], index) => {
    const entry = isMapping(given) ? given : {}
    const read = fieldReader(entry, `pulls.${name}.`, complain)
    read.known(['title', 'author', 'branch', 'patch', 'fork', 'reviews'])
    const title = read.text('title')
    const patch = read.text('patch')
    if (title === undefined || patch === undefined) {
      complain(`pulls.${name} has no title or no patch`, 'write both; a patch is what `git diff` prints, in a file')
      return []
    }
    const author = read.text('author') ?? 'author'
    if (!isLogin(author))
      complain(`pulls.${name}.author is ${author}, and that is no login`, 'write letters, digits and hyphens')
    const branch = read.text('branch') ?? name
    if (!isBranchName(branch))
      complain(`pulls.${name}: ${branch} is no name for a branch`, 'give it a `branch` of letters, digits and hyphens')
    const { fork = false } = entry
    if (typeof fork !== 'boolean') complain(`pulls.${name}.fork is ${JSON.stringify(fork)}`, 'write true or false')
    const file = resolve(repository, patch)
    if (!existsSync(file) || !statSync(file).isFile())
      complain(`pulls.${name}.patch is ${patch}, and there is no such file`, 'name it relative to the repository')
    return [
      {
        name,
        number: index + 1,
        title,
        author,
        branch,
        patch: file,
        fork: fork === true,
        reviews: list(entry['reviews']).flatMap((one, at) => {
          const where = `pulls.${name}.reviews[${at}].`
          const read = readReview(one, where, complain)
          if (read.some(({ user, state }) => user === author && state !== 'commented'))
            complain(
              `${where}user is the author`,
              'GitHub lets authors comment on their own pull requests, and no more'
            )
          return read
        })
      }
    ]
  })
}

function readReview(value: Plain, where: string, complain: Complain): readonly PullReview[] {
  const entry = isMapping(value) ? value : {}
  const read = fieldReader(entry, where, complain)
  read.known(['user', 'state', 'body'])
  const user = read.text('user')
  const state = reviewStates.find((one) => one === entry['state'])
  if (user === undefined) complain(`${where}user is missing`, 'write who reviews')
  else if (!isLogin(user))
    complain(`${where}user is ${user}, and that is no login`, 'write letters, digits and hyphens')
  if (state === undefined)
    complain(`${where}state is ${JSON.stringify(entry['state'] ?? null)}`, `write one of ${reviewStates.join(', ')}`)
  return user === undefined || state === undefined ? [] : [{ user, state, body: read.text('body') ?? '' }]
}

/** As GitHub gives them out (github.com/join); apps end in `[bot]`. */
function isLogin(text: string): boolean {
  return /^[a-z\d](?:[a-z\d]|-(?=[a-z\d])){0,38}(?:\[bot\])?$/i.test(text)
}

/** The part of git-check-ref-format(1) that names of branches need here. */
function isBranchName(text: string): boolean {
  return /^[\w][\w./-]*$/.test(text) && !/\.\.|\/\/|\/\.|\.$|\/$|\.lock$/.test(text)
}

function fieldReader(entry: Mapping, where: string, complain: Complain) {
  return {
    known(names: readonly string[]): void {
      for (const name of Object.keys(entry))
        if (!names.includes(name))
          complain(`${where}${name} is nothing that is known here`, `write ${names.join(', ')}`)
    },
    text(name: string): string | undefined {
      const value = entry[name]
      if (value === undefined || (typeof value === 'string' && value !== '')) return value
      complain(`${where}${name} is ${JSON.stringify(value)}, and has to be a text`, `write it in quotes`)
      return undefined
    }
  }
}

/** A review's words with `{in 7 days}` replaced by that day, UTC: what a review promises is always ahead. */
export function dated(body: string, now: number): string {
  return body.replaceAll(/\{in (\d+) days?\}/g, (_whole, days: string) =>
    new Date(now + Number(days) * 86_400_000).toISOString().slice(0, 10)
  )
}
