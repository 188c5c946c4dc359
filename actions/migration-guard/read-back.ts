import { ActionError, type Problem, type Remark } from '../shared/problem.ts'
import type { World } from '../shared/world.ts'
import type { GithubAccess } from '../shared/github-access.ts'
import type { Written } from './apply-writes.ts'
import { readOwnComments, type CommentWrite } from '../shared/github-comment.ts'
import { readStatus, sameStatus, type StatusWrite } from './commit-status.ts'
import { lookUntil } from '../shared/github-lag.ts'
import type { RerunWrite } from './rerun.ts'
import { readRun } from './workflow-run.ts'
import { sameText, type WriteStep } from './writes.ts'

/** Reads back what was written, and again while an answer may be from before. What is not there is told. */
export async function readBack(access: GithubAccess, written: Written, world: World): Promise<readonly Remark[]> {
  const remarks: Remark[] = []
  for (const { write, target } of written.steps) {
    if (write === undefined) continue
    const problem = await lookUntil(
      world.clock,
      () => whatLacks(access, write, world),
      (found) => found === undefined
    )
    if (problem !== undefined) remarks.push({ level: 'warning', problem: notAsWritten(target, problem) })
  }
  return remarks
}

/** A sentence's end that says what is otherwise; undefined where all is as written. */
async function whatLacks(
  access: GithubAccess,
  write: NonNullable<WriteStep['write']>,
  world: World
): Promise<string | undefined> {
  try {
    switch (write.write) {
      case 'comment':
        return await commentLacks(access, { ...write, body: world.secrets.redact(write.body) })
      case 'status':
        return await statusLacks(access, write)
      case 'rerun':
        return await rerunLacks(access, write)
    }
  } catch (error) {
    if (!(error instanceof ActionError)) throw error
    return `it could not be read (${error.message})`
  }
}

async function commentLacks(access: GithubAccess, { pull, marker, body }: CommentWrite): Promise<string | undefined> {
  const there = await readOwnComments(access, pull, marker)
  if (there.length !== 1) return `there are ${there.length} such comments`
  return there.some((comment) => sameText(comment.body, body)) ? undefined : 'its text is another'
}

async function statusLacks(access: GithubAccess, wanted: StatusWrite): Promise<string | undefined> {
  const there = await readStatus(access, wanted.sha)
  return sameStatus(there, wanted) ? undefined : `it is ${there?.state ?? 'not there'}`
}

async function rerunLacks(access: GithubAccess, { run }: RerunWrite): Promise<string | undefined> {
  const there = await readRun(access, run.id)
  const runsAgain = there.attempt > run.attempt || there.status !== 'completed' || there.conclusion === 'success'
  return runsAgain ? undefined : 'it is as it was'
}

function notAsWritten(target: string, what: string): Problem {
  return {
    code: 'not-as-written',
    message: `The ${target} was read back and is not as it was written: ${what}.`,
    hint: 'Another run of this workflow may have written at the same time. Look at the pull request; running the job again mends it.'
  }
}
