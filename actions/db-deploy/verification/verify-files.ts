import { globSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join, relative, resolve, sep } from 'node:path'
import { lexemes } from '../../shared/migrations/sql/lexemes.ts'
import { withoutClientCommands } from '../../shared/migrations/sql/client-commands.ts'
import type { Problem } from '../../shared/problem.ts'
import type { World } from '../../shared/world.ts'
import type { Check } from '../check.ts'
import { counted } from '../counted.ts'
import { QueryError } from '../database/query-error.ts'
import type { Session } from '../database/session.ts'

export interface VerifyFile {
  /** As the user would write it. */
  readonly path: string
  readonly text: string
}

/** Milliseconds for each statement. */
const longestStatement = 60_000

/**
 * Runs each file in a read-only transaction that is rolled back. A file passes when every statement runs, and every row
 * that they return holds nothing but true: `SELECT count(*) > 0 FROM users` claims something, and a query for what must not
 * be there passes when it finds nothing. Nothing of the rows is told: they may be people's.
 *
 * @throws ActionError when the connection is lost or the job cancelled
 */
export async function verifyFiles(
  session: Session,
  files: readonly VerifyFile[],
  { clock }: Pick<World, 'clock'>
): Promise<readonly Check[]> {
  const checks: Check[] = []
  for (const file of files) {
    const startedAt = clock.now()
    const ran = await runFile(session, file)
    const took = `${((clock.now() - startedAt) / 1000).toFixed(1)} s`
    const check = { id: 'verify-file', title: file.path }
    if ('problem' in ran)
      checks.push({ ...check, result: 'failed', told: `failed after ${took}`, problem: ran.problem })
    else checks.push({ ...check, result: 'ok', told: `${counted(ran.statements, 'statement')}, ${took}` })
  }
  return checks
}

async function runFile(
  session: Session,
  { path, text }: VerifyFile
): Promise<{ readonly statements: number } | { readonly problem: Problem }> {
  const failed = (fault: Fault): { readonly problem: Problem } => ({ problem: problemOf(path, text, fault) })
  const unreadable = faultOf(text)
  if (unreadable !== undefined) return failed(unreadable)
  const statements = statementsOf(text)
  // Once a query has run, PostgreSQL lets nobody make the transaction one that writes (25001).
  await session.query(`BEGIN READ ONLY; SET LOCAL statement_timeout = ${longestStatement}; SELECT 1`)
  try {
    for (const statement of statements) {
      const fault = await runStatement(session, statement)
      if (fault !== undefined) return failed(fault)
    }
    return { statements: statements.length }
  } finally {
    if (!session.lost.aborted) await session.query('ROLLBACK')
  }
}

/** A check that failed for each file that cannot be run, whatever the database holds. Pure. */
export function unreadableFiles(files: readonly VerifyFile[]): readonly Check[] {
  return files.flatMap(({ path, text }): readonly Check[] => {
    const fault = faultOf(text)
    if (fault === undefined) return []
    const problem = problemOf(path, text, fault)
    return [{ id: 'verify-file', title: path, result: 'failed', told: fault.message, problem }]
  })
}

function faultOf(text: string): Fault | undefined {
  const [command] = withoutClientCommands(text).commands
  if (command !== undefined) {
    const hint = 'Write SQL alone: these files are not run by psql.'
    return { message: `${command.why} cannot be run here`, hint, offset: command.start }
  }
  const open = [...lexemes(text)].find(({ kind }) => kind === 'unclosed')
  if (open !== undefined) {
    const hint = 'Close it: what follows would all belong to it.'
    return { message: 'a quote, dollar quote or comment begins here and never ends', hint, offset: open.start }
  }
  if (statementsOf(text).length > 0) return undefined
  return { message: 'no statement is in it', hint: 'Write what is to be verified, or remove it.', offset: 0 }
}

function problemOf(path: string, text: string, { message, hint, offset }: Fault): Problem {
  return { code: 'verify-file', message: `${path}: ${message}.`, hint, file: path, line: lineOf(text, offset) }
}

interface Fault {
  readonly message: string
  readonly hint: string
  /** UTF-16, in the file. */
  readonly offset: number
}

async function runStatement(session: Session, { sql, start }: Statement): Promise<Fault | undefined> {
  try {
    const { columns, rows } = await session.queryTable(sql)
    const at = rows.findIndex((row) => !holdsOnlyTrue(row))
    const row = rows[at]
    if (row === undefined) return undefined
    const where = `row ${at + 1} of ${rows.length} (${columns.join(', ')})`
    const message = isClaim(row) ? `${where} is not true` : `found ${where}`
    return {
      message,
      hint: 'A query passes when it finds nothing, or when all that it returns is true: write `SELECT count(*) > 0 FROM …` for what must be there, and look for what must not be there; what should only run belongs in `DO $$ BEGIN PERFORM …; END $$`.',
      offset: start
    }
  } catch (error) {
    if (!(error instanceof QueryError)) throw error
    const { message, sqlstate, hint, position = 1 } = error.report
    return {
      message: `${message} (SQLSTATE ${sqlstate})`,
      hint: hint ?? 'The statement is run as the role that migrates, in a read-only transaction.',
      offset:
        start +
        Array.from(sql)
          .slice(0, position - 1)
          .join('').length
    }
  }
}

function holdsOnlyTrue(row: readonly unknown[]): boolean {
  return row.every((value) => value === true)
}

function isClaim(row: readonly unknown[]): boolean {
  return row.every((value) => typeof value === 'boolean' || value === null)
}

interface Statement {
  readonly sql: string
  readonly start: number
}

/**
 * The statements of a text, up to their semicolons. What begins and ends transactions is passed over, as tools that run such
 * files by psql ask for it: the file has one already, and it must stay the read-only one.
 */
function statementsOf(text: string): readonly Statement[] {
  const found: Statement[] = []
  let start: number | undefined
  const end = (at: number): void => {
    if (start !== undefined) found.push({ sql: text.slice(start, at), start })
    start = undefined
  }
  for (const { kind, start: at, end: behind } of lexemes(text)) {
    if (kind === 'sign' && text.slice(at, behind) === ';') end(at)
    else if (kind !== 'space' && kind !== 'comment') start ??= at
  }
  end(text.length)
  return found.filter(({ sql }) => !transactionControl.test(sql))
}

const transactionControl =
  /^(?:BEGIN|START\s+TRANSACTION|COMMIT|END|ABORT|PREPARE\s+TRANSACTION|ROLLBACK(?!(?:\s+(?:WORK|TRANSACTION))?\s+TO\b))\b/i

function lineOf(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length
}

/**
 * The files that the patterns name, in the order of their paths.
 *
 * @param folder absolute
 * @returns with a check that failed for each pattern that names none
 */
export async function findVerifyFiles(
  folder: string,
  patterns: readonly string[]
): Promise<{ readonly files: readonly VerifyFile[]; readonly checks: readonly Check[] }> {
  const named = patterns.map((pattern) => ({
    pattern,
    paths: globSync(pattern, { cwd: folder, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll(sep, '/'))
  }))
  const paths = [...new Set(named.flatMap(({ paths }) => paths))].toSorted()
  const files = paths.map(async (path) => ({ path, text: await readFile(resolve(folder, path), 'utf8') }))
  return {
    files: await Promise.all(files),
    checks: named
      .filter(({ paths }) => paths.length === 0)
      .map(({ pattern }) => ({
        id: 'verify-file',
        title: pattern,
        result: 'failed',
        told: 'no such file',
        problem: {
          code: 'verify-file',
          message: `verify-files names ${pattern}, and there is no such file.`,
          hint: 'Patterns are relative to working-directory: `verify/*.sql`. Remove the input where there is nothing to verify.'
        }
      }))
  }
}
