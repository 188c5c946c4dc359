import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { toldFile } from './told.ts'

/** A program that a hosted runner has or could fetch, and this machine cannot: something of the project's stands for it. */
export interface LentProgram {
  /** As jobs call it. */
  readonly name: string
  /** Absolute path of what runs, and arguments that come first. */
  readonly command: readonly string[]
  /** What the report says when somebody took it; absent for one that tells it itself. */
  readonly remark?: string
}

/**
 * Makes programs that run others, and that tell the rehearsal when they do.
 *
 * @param folder where they are put
 * @param work the rehearsal's folder, whose report tells of it
 */
export function lend(folder: string, work: string, programs: readonly LentProgram[]): void {
  for (const { name, command, remark } of programs) {
    const told = quoted(JSON.stringify({ kind: 'remark', text: remark }))
    // Whoever asks for its version may choose another.
    const tell =
      remark === undefined ? '' : `[ "$*" = --version ] || printf '%s\\n' ${told} >> ${quoted(join(work, toldFile))}\n`
    const script = `#!/bin/sh\n${tell}exec ${command.map(quoted).join(' ')} "$@"\n`
    writeFileSync(join(folder, name), script, { mode: 0o755 })
  }
}

/** A word for sh. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}
