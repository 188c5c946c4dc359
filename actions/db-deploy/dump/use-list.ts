import { writeFileSync } from 'node:fs'
import type { World } from '../../shared/world.ts'
import type { DumpEntry } from './contents.ts'
import { readContents, type ContentsRun } from './read-contents.ts'

/** Writes the entries of a dump that are to be restored, as `pg_restore --use-list` takes them. */
export async function writeUseList(
  file: string,
  list: string,
  wanted: (entry: DumpEntry) => boolean,
  run: ContentsRun,
  world: World
): Promise<void> {
  const { entries } = await readContents(file, run, world)
  writeFileSync(list, `${entries.flatMap((entry) => (wanted(entry) ? [entry.line] : [])).join('\n')}\n`, {
    mode: 0o600
  })
}

/** Whether an entry names what only its own server has: roles, or what takes a superuser to make. */
export function ownedByServer({ text }: DumpEntry): boolean {
  return /^(POLICY|EVENT TRIGGER|PUBLICATION|PUBLICATION TABLE|SUBSCRIPTION|SUBSCRIPTION TABLE|USER MAPPING) /.test(
    text
  )
}
