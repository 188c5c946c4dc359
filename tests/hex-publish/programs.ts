import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createSecrets } from '../../actions/shared/secrets.ts'
import { temporaryFolder } from '../support/run-action.ts'
import { keptLog } from '../support/world.ts'

/**
 * Writes programs in JavaScript. `args` are their arguments, `fs` and `process` are at hand.
 * @returns the folder to put on PATH
 */
export function programsIn(folder: string, programs: Readonly<Record<string, string>>): string {
  for (const [name, source] of Object.entries(programs)) {
    const path = join(folder, name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(
      path,
      `#!${process.execPath}\nconst fs = require('node:fs'), args = process.argv.slice(2)\n${source}\n`
    )
    chmodSync(path, 0o755)
  }
  return folder
}

/** Programs in a folder of their own, and an environment whose PATH has nothing else. */
export function environmentWith(programs: Readonly<Record<string, string>>): Record<string, string> {
  return { PATH: programsIn(temporaryFolder('programs'), programs) }
}

/** A folder with these files. */
export function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = temporaryFolder('project')
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  return folder
}

/** Log and secrets for one build. */
export function quietWorld(): { log: ReturnType<typeof keptLog>; secrets: ReturnType<typeof createSecrets> } {
  return { log: keptLog(), secrets: createSecrets(() => undefined) }
}
