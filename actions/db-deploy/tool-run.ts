import type { DatabaseUrl, OtherDatabase } from './database/database-url.ts'
import type { Inputs } from './inputs.ts'
import type { ToolRun } from './tool.ts'

/**
 * How the tool is run for these inputs.
 * @param url of several hosts the one that answered (`Server.url`): tools know one alone
 */
export function toolRun(
  { sessions, lock, tool }: Pick<Inputs, 'sessions' | 'lock' | 'tool'>,
  url: DatabaseUrl | OtherDatabase
): ToolRun {
  return {
    url,
    applicationName: sessions.tool,
    lockTimeout: lock.lockTimeout,
    statementTimeout: lock.statementTimeout,
    timeout: tool.timeout
  }
}
