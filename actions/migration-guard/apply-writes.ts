import { ActionError, type Problem, type Remark } from '../shared/problem.ts'
import type { World } from '../shared/world.ts'
import type { GithubAccess } from '../shared/github-access.ts'
import { writeComment } from '../shared/github-comment.ts'
import { statusContext, writeStatus } from './commit-status.ts'
import { rerun } from './rerun.ts'
import { notCommented, type WriteStep } from './writes.ts'

/** What was written, for reading back, and what could not be. */
export interface Written {
  readonly steps: readonly WriteStep[]
  /** Of the comment, where one was written. */
  readonly comment: number | undefined
  readonly remarks: readonly Remark[]
}

/**
 * Writes what was planned, one after the other. Nothing here fails the run: the verdict stands whether or not it could
 * be written down, and what could not be is told with the permission that is missing.
 * @param record told each step that was done
 */
export async function writeAll(
  access: GithubAccess,
  steps: readonly WriteStep[],
  world: World,
  record: (step: WriteStep) => void
): Promise<Written> {
  const done: WriteStep[] = []
  const remarks: Remark[] = []
  let comment: number | undefined
  for (const step of steps) {
    const { write } = step
    if (write === undefined) continue
    const left = await orRemark(write.write, async () => {
      if (write.write === 'rerun') return rerun(access, write, world)
      if (write.write === 'status') await writeStatus(access, write)
      else comment = await writeComment(access, { ...write, body: world.secrets.redact(write.body) }, world)
      return undefined
    })
    if (left === undefined) {
      done.push(step)
      record(step)
    } else remarks.push(left)
  }
  return { steps: done, comment, remarks }
}

type Kind = NonNullable<WriteStep['write']>['write']

async function orRemark(kind: Kind, write: () => Promise<Problem | undefined>): Promise<Remark | undefined> {
  try {
    const problem = await write()
    return problem === undefined ? undefined : { level: 'warning', problem }
  } catch (error) {
    const [problem] = error instanceof ActionError ? error.problems : []
    if (problem === undefined) throw error
    return kind === 'comment'
      ? { level: 'notice', problem: notCommented(problem.message, problem.hint) }
      : { level: 'warning', problem: notWritten[kind](problem) }
  }
}

const notWritten: Readonly<Record<Exclude<Kind, 'comment'>, (problem: Problem) => Problem>> = {
  status: ({ message, hint }) => ({
    code: 'status-not-written',
    message: `The commit status ${statusContext} was not set: ${withoutStop(message)}.`,
    hint
  }),
  rerun: ({ message, hint }) => ({
    code: 'run-not-rerun',
    message: `The failed run was not re-run: ${withoutStop(message)}.`,
    hint
  })
}

function withoutStop(message: string): string {
  return message.replace(/\.$/, '')
}
