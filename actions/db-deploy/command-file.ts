import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ownPrograms } from '../shared/marked-programs.ts'

/**
 * Hands a command of the user's on as a file, which is there as long as it is used, as the `run` of a workflow is: a command
 * line is there for all to see, and a workflow may have written secrets into it.
 *
 * @param use gets the path of the file, which this user alone may read
 */
export async function withCommandFile<T>(
  command: string,
  environment: Readonly<Record<string, string | undefined>>,
  use: (file: string) => Promise<T>
): Promise<T> {
  const place = mkdtempSync(join(environment['RUNNER_TEMP'] || tmpdir(), beginningOf(ownPrograms())))
  const file = join(place, 'command.sh')
  try {
    writeFileSync(file, `${command}\n`, { mode: 0o600 })
    return await use(file)
  } finally {
    rmSync(place, { recursive: true, force: true })
  }
}

/**
 * The folders in which a process that was killed has left such files.
 *
 * @param programs `ownPrograms()` of that process
 * @param temp its RUNNER_TEMP
 */
export function leftCommandFolders(programs: string, temp: string): readonly string[] {
  return readdirSync(temp)
    .filter((name) => name.startsWith(beginningOf(programs)))
    .map((name) => join(temp, name))
}

function beginningOf(programs: string): string {
  return `db-deploy-command-${programs}-`
}
