import { readFile } from 'node:fs/promises'
import type { RunContext } from '../shared/run-context.ts'
import { textAt, valueAt } from './api-tree.ts'
import { isObjectId } from './git-tree.ts'

/** What started the run, from the event's payload: variables of the runner lack much of it (the base of a review). */
export type GuardEvent =
  | {
      readonly kind: 'pull_request'
      readonly number: number
      /** As it was when the event was sent, which a rerun repeats. Undefined in events of other things than the pull. */
      readonly head: string | undefined
      readonly base: string | undefined
      readonly baseRef: string | undefined
    }
  | {
      readonly kind: 'merge_group'
      readonly base: string
      readonly head: string
      /** The branch that it goes to, without `refs/heads/`. */
      readonly branch: string
      readonly headRef: string
    }
  | {
      readonly kind: 'push'
      /** Undefined where the ref is new. */
      readonly before: string | undefined
      readonly after: string
      readonly defaultBranch: string | undefined
    }
  /** Nothing that has a change of its own. */
  | { readonly kind: 'other'; readonly name: string; readonly head: string | undefined }

/** Reads the payload that the runner wrote. A file that is not there, or no JSON, is an event without a payload. */
export async function readEvent(context: RunContext): Promise<GuardEvent> {
  const payload = await readPayload(context.eventPath)
  return eventOf(context.eventName ?? '', payload, context.sha)
}

/** @param sha GITHUB_SHA */
export function eventOf(name: string, payload: unknown, sha: string | undefined): GuardEvent {
  const number = valueAt(payload, 'pull_request', 'number') ?? commentedPull(payload)
  if (typeof number === 'number' && Number.isSafeInteger(number) && number > 0) {
    return {
      kind: 'pull_request',
      number,
      head: idAt(payload, 'pull_request', 'head', 'sha'),
      base: idAt(payload, 'pull_request', 'base', 'sha'),
      baseRef: textAt(payload, 'pull_request', 'base', 'ref')
    }
  }
  if (name === 'merge_group') {
    const [base, head] = [idAt(payload, 'merge_group', 'base_sha'), idAt(payload, 'merge_group', 'head_sha')]
    const [baseRef, headRef] = [textAt(payload, 'merge_group', 'base_ref'), textAt(payload, 'merge_group', 'head_ref')]
    if (base !== undefined && head !== undefined && baseRef !== undefined) {
      return { kind: 'merge_group', base, head, branch: baseRef.replace(/^refs\/heads\//, ''), headRef: headRef ?? '' }
    }
  }
  const after = idAt(payload, 'after') ?? sha
  if (name === 'push' && after !== undefined && valueAt(payload, 'deleted') !== true) {
    return {
      kind: 'push',
      before: idAt(payload, 'before'),
      after,
      defaultBranch: textAt(payload, 'repository', 'default_branch')
    }
  }
  return { kind: 'other', name, head: name === 'push' ? undefined : sha }
}

/** `issue_comment` has the number of a pull request where it was made on one. */
function commentedPull(payload: unknown): unknown {
  return valueAt(payload, 'issue', 'pull_request') === undefined ? undefined : valueAt(payload, 'issue', 'number')
}

/** An object id that is not all zeros, which is how GitHub writes "none". */
function idAt(payload: unknown, ...keys: readonly string[]): string | undefined {
  const id = textAt(payload, ...keys)
  return id !== undefined && isObjectId(id) && !/^0+$/.test(id) ? id : undefined
}

async function readPayload(path: string | undefined): Promise<unknown> {
  if (path === undefined) return undefined
  try {
    return JSON.parse(await readFile(path, 'utf8')) as unknown
  } catch {
    return undefined
  }
}
