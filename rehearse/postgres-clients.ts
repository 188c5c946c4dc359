import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { installPrograms } from '../scripts/install-database-programs.ts'
import type { LentProgram } from './lent-programs.ts'
import { oneLine } from './masking.ts'
import type { Say } from './progress.ts'

/** Of the server that a rehearsal starts; pg_dump must not be older. */
const major = 18

/**
 * PostgreSQL's clients for jobs on a machine whose own are missing, or older than the rehearsal's server. A hosted runner
 * has some, and could install others.
 *
 * @param tools the project's tool folder
 */
export async function postgresClients(tools: string, say: Say): Promise<readonly LentProgram[]> {
  const own = await Promise.all(['pg_dump', 'pg_restore', 'psql'].map(majorOf))
  if (own.every((version) => version !== undefined && version >= major)) return []
  try {
    const folder = installPrograms(tools, 'postgresql-client-18')
    return ['pg_dump', 'pg_restore', 'psql'].map((name) => ({
      name,
      command: [join(folder, name)],
      remark: `${name} ${major} was lent to the jobs: this machine has none, or an older one; on a runner it has to be installed where the server is newer than the runner's own`
    }))
  } catch (error) {
    say(`PostgreSQL's clients could not be brought: ${oneLine(String(error)).slice(0, 200)}`)
    return []
  }
}

async function majorOf(program: string): Promise<number | undefined> {
  const { stdout } = await promisify(execFile)(program, ['--version']).catch(() => ({ stdout: '' }))
  const found = /\(PostgreSQL\) (\d+)/.exec(stdout)?.[1]
  return found === undefined ? undefined : Number(found)
}
