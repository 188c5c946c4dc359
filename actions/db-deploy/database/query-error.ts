import { ActionError } from '../../shared/problem.ts'
import { messageOf } from './error-words.ts'

/** What a server says of a statement that it refused (https://www.postgresql.org/docs/current/protocol-error-fields.html). */
export interface ServerReport {
  /** `42P01` */
  readonly sqlstate: string
  readonly message: string
  readonly detail: string | undefined
  readonly hint: string | undefined
  /** 1-based, in characters of the statement. */
  readonly position: number | undefined
  readonly where: string | undefined
  readonly severity: string | undefined
}

/** A statement that the server refused. Who can say more of what it was for catches it. */
export class QueryError extends ActionError {
  readonly report: ServerReport

  constructor(report: ServerReport, cause?: unknown) {
    const { sqlstate, message, detail, hint } = report
    super(
      [
        {
          code: 'database-query-failed',
          message: `The database refused a query: ${message} (SQLSTATE ${sqlstate})${detail === undefined ? '' : `, ${detail}`}.`,
          hint: hint ?? queryHints[sqlstate] ?? 'The SQLSTATE says what kind of refusal it is (PostgreSQL, appendix A).'
        }
      ],
      { cause }
    )
    this.name = 'QueryError'
    this.report = report
  }

  get sqlstate(): string {
    return this.report.sqlstate
  }
}

const queryHints: Readonly<Record<string, string>> = {
  '42501': 'Grant the role that connects what it lacks.',
  '55P03': 'Another session holds the lock: the step can be run again when that has ended.',
  '57014': 'It took longer than statement_timeout allows, or somebody cancelled it.',
  '53100': 'The server’s disk is full: free space there first.'
}

/** What the server's error says, where an error is the server's. */
export function serverReport(error: unknown): ServerReport | undefined {
  if (typeof error !== 'object' || error === null || !('severity' in error) || !('code' in error)) return undefined
  if (typeof error.code !== 'string' || typeof error.severity !== 'string') return undefined
  const field = (name: string): string | undefined => {
    const value: unknown = name in error ? error[name as keyof typeof error] : undefined
    return typeof value === 'string' && value !== '' ? value : undefined
  }
  const position = field('position')
  return {
    sqlstate: error.code,
    message: messageOf(error),
    detail: field('detail'),
    hint: field('hint'),
    position: position === undefined ? undefined : Number(position),
    where: field('where'),
    severity: error.severity
  }
}
