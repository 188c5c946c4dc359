import { ActionError } from '../actions/shared/problem.ts'
import { startSandbox } from '../sandbox/sandbox.ts'

/**
 * Tries the fault rules on a sandbox that nobody uses.
 *
 * @throws ActionError with every rule that is wrong or can match nothing
 */
export async function checkFaults(rules: readonly string[]): Promise<void> {
  if (rules.length === 0) return
  const sandbox = await startSandbox({ upstream: 'machine' })
  try {
    const problems = rules.flatMap((rule) => {
      try {
        sandbox.fault(rule)
        return []
      } catch (error) {
        if (error instanceof ActionError) return error.problems
        throw error
      }
    })
    if (problems.length > 0) throw new ActionError(problems)
  } finally {
    await sandbox.close()
  }
}
