import { readEctoMigration } from '../../shared/migrations/ecto/read-ecto-migration.ts'
import type { Framework, MigrationFile, ParsedMigration } from '../../shared/migrations/migration.ts'
import { readSqlMigration } from '../../shared/migrations/sql/read-sql-migration.ts'
import { loadElixirParser, loadSqlParser } from '../../shared/parsers.ts'
import type { Session } from '../database/session.ts'
import type { Backup, MigrationFailure, ToolFacts } from '../record.ts'
import { isEdited, type MigrationStatus } from '../state/migration-state.ts'
import type { ToolResult } from '../tool.ts'
import { ectoTransaction, prismaTransaction, type Transaction } from './atomicity.ts'
import { failedStatement } from './failed-statement.ts'
import { inventory, isWhole, objectsOf, type Found } from './inventory.ts'
import { runbook, type RunbookCase } from './runbook.ts'

export interface FailureRequest {
  readonly framework: Framework
  readonly tool: Pick<ToolFacts, 'label' | 'version'>
  /** As the framework names it: Prisma's folder, Ecto's version. */
  readonly name: string
  /** Its file: the path as it is shown, and the text; undefined where it is not to be had. */
  readonly file: { readonly path: string; readonly text: string } | undefined
  /** What the table says of it now. */
  readonly status: MigrationStatus | undefined
  /** Of the tool's run; undefined where it was killed and nothing is known. */
  readonly result: ToolResult | undefined
  /** A backup of before; `made`: there is one, and where is not known here. */
  readonly backup?: Backup | 'made'
  /** Where unqualified names are looked for; undefined: by the search path. */
  readonly schema: string | undefined
  /** The framework's table as SQL writes it, where it is known. */
  readonly table?: string | undefined
}

export interface FailedMigration {
  readonly name: string
  readonly failure: MigrationFailure
  /** How it was run. */
  readonly transaction: Transaction
  /** Nothing of it is there: the catalog says so of every object that it is about, and it is about nothing else. */
  readonly provenAbsent: boolean
  /** What is to be done now; exact commands, in back-ticks. */
  readonly runbook: readonly string[]
}

/**
 * What a migration that did not end well has left: each object that its statements are about is looked for in the catalog.
 * Loads the parsers. Reads only.
 */
export async function migrationFailure(asked: FailureRequest, session: Session): Promise<FailedMigration> {
  // What ran is not what the file says now: nothing follows from that text.
  const request = isEdited(asked.status) ? { ...asked, file: undefined } : asked
  const { framework, result, status, name } = request
  const migration = await parsed(request)
  const found = migration === undefined ? [] : await inventory(migration, session, request.schema)
  const transaction =
    framework === 'prisma'
      ? prismaTransaction(migration, request.tool.version)
      : ectoTransaction(migration, request.file?.text ?? '')
  const provenAbsent = isProvenAbsent(migration, found)
  const logs = status?.logs ?? ''
  const output = [result?.output ?? '', logs].join('\n')
  const message = messageOf(result, logs)
  const sqlstate = result?.sqlstate ?? /Database error code:\s*([0-9A-Z]{5})\b/.exec(output)?.[1]
  const statement =
    migration === undefined
      ? undefined
      : failedStatement(migration, found, { message, output, byStatement: transaction === 'by statement' })
  const known = { ...request, found, transaction, provenAbsent }
  const failure: MigrationFailure = {
    message,
    ...(sqlstate === undefined ? {} : { sqlstate }),
    ...(statement === undefined ? {} : { statement }),
    atomic: atomicOf(known, sqlstate),
    objects: objectsOf(found)
  }
  return { name, failure, transaction, provenAbsent, runbook: runbook({ ...known, failure }) }
}

async function parsed({ framework, name, file }: FailureRequest): Promise<ParsedMigration | undefined> {
  if (file === undefined) return undefined
  const migration: MigrationFile = { path: file.path, framework, version: name, name, text: file.text }
  const sql = await loadSqlParser()
  return framework === 'ecto'
    ? readEctoMigration(migration, await loadElixirParser(), sql)
    : readSqlMigration(migration, sql)
}

/** Rows that were changed, and what could not be read, are never proven. */
function isProvenAbsent(migration: ParsedMigration | undefined, found: readonly Found[]): boolean {
  if (migration === undefined || migration.syntaxError !== undefined || migration.notAnalysed.length > 0) return false
  return found.length > 0 && found.every(({ done }) => done === false)
}

/** Whether nothing of it stayed; false: what stayed is in the inventory. */
function atomicOf(
  { framework, found, transaction, provenAbsent }: Omit<RunbookCase, 'failure'>,
  sqlstate: string | undefined
): boolean | undefined {
  if (provenAbsent) return true
  if (transaction !== 'all or nothing') return found.some(({ done }) => done === true) ? false : undefined
  // Its row of the table is of the same transaction, and there is none.
  if (framework === 'ecto') return true
  // Killed, it may have been committed, and Prisma had no time to say so in its table.
  if (sqlstate === undefined) return isWhole(found) ? false : undefined
  // Which engine ran it is what Prisma's version says: of rows there is no second witness, where it is not one statement.
  const single = new Set(found.map(({ statement }) => statement)).size === 1
  return single || found.every(({ done }) => done !== 'not checked') ? true : undefined
}

function messageOf(result: ToolResult | undefined, logs: string): string {
  if (result?.message !== undefined) return result.message
  const told = /Database error:\s*\n?\s*(\S[^\n]*)/.exec(logs)?.[1] ?? logs.trim().split('\n', 1)[0]
  if (told !== undefined && told !== '') return told
  if (result === undefined || result.end === 'killed') return 'It was killed while it ran.'
  return result.end === 'timed out' ? 'It was ended because its time was over.' : 'The tool does not say why.'
}
