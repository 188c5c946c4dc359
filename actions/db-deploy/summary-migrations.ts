import { basename } from 'node:path/posix'
import { readableSize } from '../shared/files.ts'
import type { Finding } from '../shared/migrations/finding.ts'
import {
  bold,
  code,
  details,
  fenced,
  heading,
  line,
  list,
  prose,
  shortened,
  table,
  type Inline,
  type Markdown
} from '../shared/summary.ts'
import { counted, grouped } from './counted.ts'
import { readableDuration } from './duration.ts'
import { latestState } from './latest-state.ts'
import type { MigrationFailure, MigrationRun, PendingMigration, RunRecord, TouchedTable } from './record.ts'
import type { MigrationState, MigrationStatus } from './state/migration-state.ts'

/** What ran and what waits, with how long it took and what it risks; then what of the state is not as it should be. */
export function migrationsOf(record: RunRecord): readonly Markdown[] {
  const { learned } = record
  const ran = learned.ran ?? []
  const state = latestState(record)
  const waiting = (learned.pending ?? []).filter(({ name }) => !ran.some((run) => run.name === name))
  const blocks: Markdown[] = []
  if (ran.length > 0 || waiting.length > 0) {
    const known = new Map((learned.pending ?? []).map((pending) => [pending.name, pending]))
    const rows = [
      ...ran.map((run) => ({ ...runCells(run, record), ...cellsOf(run.name, known.get(run.name)) })),
      ...waiting.map((pending) => ({
        ...{ result: waitingWord(record, state, pending.name), time: '', statements: '' },
        ...cellsOf(pending.name, pending)
      }))
    ]
    // Only Ecto tells how many, and only what ran has a time.
    const columns = (['migration', 'result', 'time', 'statements', 'risk'] as const).filter(
      (column) => (column !== 'statements' && column !== 'time') || rows.some((row) => row[column] !== '')
    )
    blocks.push(
      heading(3, 'Migrations'),
      table(
        columns,
        rows.slice(0, mostRows).map((row) => columns.map((column) => row[column]))
      ),
      ...(rows.length > mostRows ? [line(`And ${counted(rows.length - mostRows, 'more migration')}.`)] : [])
    )
  }
  return [...blocks, ...ran.flatMap(failureOf), ...oddities(state, record.command === 'status')]
}

const mostRows = 200

function runCells({ result, took, statements }: MigrationRun, { command, status }: RunRecord) {
  if (command === 'rollback') {
    // It failed in an earlier run.
    return {
      result: status === 'published' ? '↩️ marked as rolled back' : '❌ failed before',
      time: '',
      statements: ''
    }
  }
  const words = { applied: '✅ applied', failed: '❌ failed', unknown: '❔ not known' }
  return {
    result: words[result],
    // Ecto tells tenths of a second, and leaves off the rest (ecto_sql, lib/ecto/migration/runner.ex).
    time: took === undefined ? 'not known' : took === 0 ? 'under 0.1 s' : readableDuration(took),
    statements: statements === undefined ? '' : grouped(statements)
  }
}

function cellsOf(name: string, pending: PendingMigration | undefined): { migration: Inline; risk: Inline } {
  if (pending === undefined) return { migration: code(name), risk: '' }
  return { migration: code(shownMigration(name, pending.path)), risk: riskOf(pending) }
}

/** A name that people know it by: Ecto's own is a number, and its file has words behind it. */
export function shownMigration(name: string, path: string): string {
  const file = basename(path, '.exs')
  return file.startsWith(`${name}_`) ? file : name
}

/** A migration that this run looked at, and did not run. */
function waitingWord(record: RunRecord, state: MigrationState | undefined, name: string): string {
  const status = state?.migrations.find((migration) => migration.name === name)?.status
  if (status === 'applied') return '✅ applied by another'
  if (status === 'failed') return '❌ failed'
  if (state === undefined) return '❔ not known'
  return record.status === 'failed' ? '⏸️ not run' : '⏳ pending'
}

/** The worst that the linter says, and the heaviest lock with the size of what it is on. */
export function riskOf({ findings, tables }: PendingMigration): Markdown {
  const errors = findings.filter(({ level }) => level === 'error').length
  const warnings = findings.filter(({ level }) => level === 'warning').length
  const told = [
    ...(errors === 0 ? [] : [`❌ ${counted(errors, 'error')}`]),
    ...(warnings === 0 ? [] : [`⚠️ ${counted(warnings, 'warning')}`])
  ]
  const largest = tables.toSorted((a, b) => (b.size ?? 0) - (a.size ?? 0))[0]
  const locked = largest === undefined ? [] : [lockOn(largest)]
  const pieces = [...told.map((words) => line(words)), ...locked]
  return line(...pieces.flatMap((piece, n) => (n === 0 ? [piece] : ['; ', piece])))
}

function lockOn({ name, lock, size, rows }: TouchedTable): Markdown {
  const extent = [
    ...(size === undefined ? [] : [readableSize(size)]),
    ...(rows === undefined ? [] : [`about ${grouped(rows)} rows`])
  ]
  const told = extent.length === 0 ? '' : ` (${extent.join(', ')})`
  return line(lock === undefined ? '' : `${lock} on `, code(name), told)
}

/** A migration that did not end well: what the server said, the statement, and what is there of it. */
function failureOf({ name, failure }: MigrationRun): readonly Markdown[] {
  return failure === undefined ? [] : [heading(4, line('Why ', code(name), ' failed')), ...failureBlocks(failure)]
}

function failureBlocks({ message, sqlstate, statement, atomic, objects }: MigrationFailure): readonly Markdown[] {
  const state = sqlstate === undefined ? [] : ['SQLSTATE ', code(sqlstate), ': ']
  return [
    line(...state, shortened(message, longestMessage)),
    ...(statement === undefined ? [] : [fenced('sql', shortened(statement, longestStatement))]),
    bold(leftInWords(atomic)),
    ...(objects.length === 0
      ? []
      : [
          table(
            ['object', 'what the migration does', 'there now'],
            objects
              .slice(0, mostRows)
              .map(({ object, doing, there }) => [
                code(object),
                doing,
                there === 'not checked' ? '❔ not checked' : there ? 'yes' : 'no'
              ])
          )
        ])
  ]
}

const longestMessage = 2_000
const longestStatement = 8_000

function leftInWords(atomic: boolean | undefined): string {
  if (atomic === undefined) return 'Whether a part of it is there is not known.'
  return atomic ? 'Nothing of it is there: it was rolled back as a whole.' : 'A part of it may be there: see below.'
}

/** What is neither applied nor pending as it should be; with `whole` the newest applied ones as well. */
function oddities(state: MigrationState | undefined, whole: boolean): readonly Markdown[] {
  if (state === undefined) return []
  const odd = state.migrations.filter(
    ({ status, marks }) =>
      status === 'failed' ||
      status === 'missing' ||
      (whole && status === 'pending') ||
      // An earlier attempt that was rolled back is settled by the one that went well.
      marks.some((mark) => mark !== 'retried' || status !== 'applied')
  )
  const applied = whole
    ? state.migrations.filter((migration) => migration.status === 'applied' && !odd.includes(migration))
    : []
  return [
    ...(odd.length === 0
      ? []
      : [heading(3, whole ? 'Not simply applied' : 'To be looked at'), statusTable(odd.slice(0, mostRows))]),
    ...(applied.length === 0
      ? []
      : [details(`Applied (${applied.length})`, statusTable(applied.toReversed().slice(0, mostRows)))])
  ]
}

function statusTable(migrations: readonly MigrationStatus[]): Markdown {
  return table(
    ['migration', 'state', 'finished', 'time'],
    migrations.map(({ name, status, marks, finishedAt, took }) => [
      code(name),
      [status, ...marks].join(', '),
      finishedAt ?? '',
      took === undefined ? '' : readableDuration(took)
    ])
  )
}

/** What the linter says of pending migrations, as lines. */
export function findingLines(findings: readonly Finding[]): Markdown {
  return list(
    findings
      .slice(0, mostRows)
      .map(({ level, rule, message, hint, span }) =>
        line(
          `${levelIcons[level]} `,
          span === undefined ? '' : `line ${span.start.line}: `,
          code(rule),
          ' ',
          prose(shortened(message, 600)),
          ' → ',
          prose(shortened(hint, 600))
        )
      )
  )
}

const levelIcons: Readonly<Record<Finding['level'], string>> = { error: '❌', warning: '⚠️', notice: 'ℹ️' }
