import { readableSize } from '../shared/files.ts'
import { code, details, fenced, heading, line, table, type Markdown } from '../shared/summary.ts'
import { counted, grouped } from './counted.ts'
import type { PendingMigration, RunRecord, TouchedTable } from './record.ts'
import { findingLines, shownMigration } from './summary-migrations.ts'

/** What is run, or would be, as its files have it: folded, with what the linter says of it and the tables it touches. */
export function sqlOf({ learned: { pending = [] } }: RunRecord): readonly Markdown[] {
  if (pending.length === 0) return []
  const blocks: Markdown[] = []
  let room = mostCharacters
  for (const migration of pending) {
    const kept = migration.text.slice(0, Math.min(longestFile, room))
    if (kept === '' && migration.text !== '') break
    room -= kept.length
    blocks.push(folded(migration, kept))
  }
  const left = pending.length - blocks.length
  return [
    heading(3, 'What the migrations do'),
    ...blocks,
    ...(left === 0 ? [] : [line(`${counted(left, 'more migration')} not shown here; the files have them.`)])
  ]
}

/** A summary takes 1 MiB, and others want room in it; a single file of data must not push the rest out. */
const mostCharacters = 300_000
const longestFile = 20_000

function folded({ name, path, text, findings, tables }: PendingMigration, kept: string): Markdown {
  const verdict = findings.length === 0 ? 'no findings' : counted(findings.length, 'finding')
  const cut = text.length - kept.length
  return details(
    `${shownMigration(name, path)}: ${verdict}`,
    line('File ', code(path)),
    findings.length === 0 ? line('') : findingLines(findings),
    touchedTables(tables),
    fenced(path.endsWith('.exs') ? 'elixir' : 'sql', kept),
    cut === 0 ? line('') : line(`Cut here: ${grouped(cut)} more characters are in the file.`)
  )
}

/** Tables that are there already, with their sizes and the lock that is expected on each. */
export function touchedTables(tables: readonly TouchedTable[]): Markdown {
  if (tables.length === 0) return line('')
  return table(
    ['table', 'size', 'rows (estimated)', 'expected lock'],
    tables.map(({ name, size, rows, lock }) => [
      code(name),
      size === undefined ? 'not there yet' : readableSize(size),
      rows === undefined ? (size === undefined ? '' : 'not known yet') : grouped(rows),
      lock ?? 'not known'
    ])
  )
}
