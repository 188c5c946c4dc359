import { randomBytes } from 'node:crypto'
import type { RunContext } from '../shared/run-context.ts'

/** By what the server knows the sessions of this run: their application_name, 63 bytes at most. */
export interface SessionNames {
  /** Of our own. */
  readonly own: string
  /** Of the tool's, which are ended when the job is cancelled: no other run's, nor another job's, has the same. */
  readonly tool: string
}

/** @returns `release-actions/db-deploy 1234 5f3a9c`, and the same with ` migrate` */
export function sessionNames({ runId }: Pick<RunContext, 'runId'>): SessionNames {
  const run = /^\d{1,20}$/.test(runId ?? '') ? ` ${runId}` : ''
  const own = `release-actions/db-deploy${run} ${randomBytes(3).toString('hex')}`
  return { own, tool: `${own} migrate` }
}
