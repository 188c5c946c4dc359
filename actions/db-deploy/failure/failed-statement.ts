import type { ParsedMigration, Statement } from '../../shared/migrations/migration.ts'
import type { MigrationFailure } from '../record.ts'
import type { Found } from './inventory.ts'

/** What is known of a failure besides the migration itself. */
export interface FailureText {
  /** What the server said, where it is known. */
  readonly message: string
  /** All of the tool's output. */
  readonly output: string
  /** Whether each statement commits by itself: what is there then tells how far it came. */
  readonly byStatement: boolean
}

/**
 * The statement that failed, as far as it can be known: the tool's own words first, then what the server's message names,
 * then what is there. Undefined rather than a guess.
 */
export function failedStatement(
  migration: ParsedMigration,
  found: readonly Found[],
  text: FailureText
): string | undefined {
  const statements = migration.statements.filter(({ direction }) => direction === 'up')
  // Postgrex.Error tells the query that it is about.
  const told = /^\s*query:\s*(\S[\s\S]*?)(?=\n\s*\n|\n\s+\((?:\w+|\S+ \S+)\)|$(?![\s\S]))/m.exec(text.output)?.[1]
  if (told !== undefined) return told.trim()
  if (statements.length === 1) return statements[0]?.text
  return (
    atPosition(statements, text.output) ??
    namedBy(statements, found, text.message) ??
    (text.byStatement ? firstUndone(statements, found) : undefined)
  )?.text
}

/** Prisma shows the lines of the script up to the one of the error: `Position:` and numbered lines. */
function atPosition(statements: readonly Statement[], output: string): Statement | undefined {
  const block = /Position:\s*\n((?:[ \t]*\d+[^\n]*\n?)+)/.exec(output)?.[1]
  const line = block
    ?.trimEnd()
    .split('\n')
    .at(-1)
    ?.replace(/^\s*\d+\s?/, '')
    .replace(/;?\s*$/, '')
    .trim()
  if (line === undefined || line === '') return undefined
  return only(
    statements.filter(({ text }) => text.split('\n').some((each) => each.replace(/;?\s*$/, '').trim() === line))
  )
}

/** `relation "users" already exists` → the one statement that makes users. */
function namedBy(statements: readonly Statement[], found: readonly Found[], message: string): Statement | undefined {
  const names = [...message.matchAll(/"([^"\n]+)"/g)].map(([, name = '']) => name)
  if (names.length === 0) return undefined
  const about = statements.filter((statement) =>
    names.every((name) =>
      found.some((each) => each.statement === statement && each.object.split(/[ .]/).includes(name))
    )
  )
  // What is already there was to be made: a statement that drops or changes it is not meant.
  const making = about.filter((statement) =>
    found.some((each) => each.statement === statement && each.doing.startsWith('create'))
  )
  return only(message.includes('already exists') ? making : about)
}

/** All before it is done, and nothing of it nor after it is. */
function firstUndone(statements: readonly Statement[], found: readonly Found[]): Statement | undefined {
  const facts = statements.map((statement) => found.filter((each) => each.statement === statement))
  if (facts.some((each) => each.length === 0 || each.some(({ done }) => done === 'not checked'))) return undefined
  const at = facts.findIndex((each) => each.every(({ done }) => done === false))
  if (at === -1) return undefined
  const before = facts.slice(0, at).every((each) => each.every(({ done }) => done === true))
  const after = facts.slice(at).every((each) => each.every(({ done }) => done === false))
  return before && after ? statements[at] : undefined
}

function only(statements: readonly Statement[]): Statement | undefined {
  return statements.length === 1 ? statements[0] : undefined
}

/** What is known of it when the runbook is written. */
interface Failed {
  readonly failure: Pick<MigrationFailure, 'statement'>
  readonly found: readonly Found[]
}

/** Where in the order of its statements the one stands that failed, if that is known. */
export function failedAt({ failure, found }: Failed): number | undefined {
  const plain = (text: string): string => text.trim().replace(/;$/, '')
  const { statement } = failure
  if (statement === undefined) return undefined
  const texts = statementsOf(found, () => true).map(({ text }) => plain(text))
  // One that stands there twice may be either.
  return texts.filter((text) => text === plain(statement)).length === 1 ? texts.indexOf(plain(statement)) : undefined
}

/** Those of which something was looked for, in their order. */
export function statementsOf(
  found: readonly Found[],
  wanted: (facts: readonly Found[]) => boolean
): readonly Statement[] {
  return [...new Set(found.map(({ statement }) => statement))].filter((statement) =>
    wanted(found.filter((each) => each.statement === statement))
  )
}
