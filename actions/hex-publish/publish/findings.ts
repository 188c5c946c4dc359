import { ActionError, type Problem } from '../../shared/problem.ts'

/** What is found while looking, beside the facts themselves. */
export interface Findings {
  readonly problems: Problem[]
  readonly warnings: Problem[]
  readonly notChecked: string[]
}

export function noFindings(): Findings {
  return { problems: [], warnings: [], notChecked: [] }
}

/** Notes what stops one look, so that what else is wrong is told together with it. */
export async function noted<T>(findings: Findings, look: () => Promise<T>): Promise<T | undefined> {
  try {
    return await look()
  } catch (error) {
    if (!(error instanceof ActionError)) throw error
    findings.problems.push(...error.problems)
    return undefined
  }
}
