import type { ParsedMigration, Statement } from '../../shared/migrations/migration.ts'
import type { Session } from '../database/session.ts'
import type { MigrationFailure } from '../record.ts'
import type { Expression, Place } from './expression.ts'
import type { Lookup } from './lookup.ts'
import { lookupsOf } from './lookups-of.ts'
import { proofs, type Proof } from './name-order.ts'
import { followRemadeEnums } from './remade-enum.ts'

/** One object that a migration is about, and what the catalog says of it now. */
export interface Found {
  readonly object: string
  readonly doing: string
  readonly there: boolean | 'not checked'
  /** Whether what the migration does to it is done. */
  readonly done: boolean | 'not checked'
  /** An index that is there and of no use: its concurrent build broke off. */
  readonly invalid: boolean
  /** SQL that takes away what it made, where that is so simple. */
  readonly undo: string | undefined
  /** The statement that does it. */
  readonly statement: Statement
}

/**
 * Looks for every object that a migration makes, changes or drops, in the order of its statements. Wherever it stopped,
 * what is told as done is done and what is told as not done is not: where names come back or go again, that is not checked.
 * Reads the catalog only, so that it waits for no lock.
 *
 * @param schema of what is named without one; undefined: by the session's search path
 */
export async function inventory(
  migration: ParsedMigration,
  session: Session,
  schema: string | undefined
): Promise<readonly Found[]> {
  const wanted = lookups(migration, schema)
  const found: Found[] = []
  for (let at = 0; at < wanted.length; at += most) {
    found.push(...(await look(wanted.slice(at, at + most), session, schema)))
  }
  return found
}

/** Everything that the migration does is done, and of use. */
export function isWhole(found: readonly Found[]): boolean {
  return found.length > 0 && found.every(({ done, invalid }) => done === true && !invalid)
}

/** As a report tells it. */
export function objectsOf(found: readonly Found[]): MigrationFailure['objects'] {
  const objects = found.map(({ object, doing, there, invalid }) => ({
    object: invalid ? `${object} (INVALID)` : object,
    doing,
    there
  }))
  // Two statements may do the same, of which the second fails.
  return objects.filter(
    (each, at) => objects.findIndex(({ object, doing }) => object === each.object && doing === each.doing) === at
  )
}

/** Lookups of one query: its columns are three times as many, of PostgreSQL's 1,664. */
const most = 400

type Wanted = Lookup & {
  readonly statement: Statement
  /**
   * What a name without a schema meant is not known: a statement before it has changed the search path; or it is SQL, and
   * the schema is a prefix of Ecto's, which is for its own words.
   */
  readonly elsewhere: boolean
}

type Proven = Wanted & Proof

function lookups({ statements, file }: ParsedMigration, given: string | undefined): readonly Proven[] {
  const schema = given ?? 'public'
  const prefixed = file.framework === 'ecto' && given !== undefined
  const wanted: Wanted[] = []
  let elsewhere = false
  for (const statement of statements.filter(({ direction }) => direction === 'up')) {
    elsewhere ||= changesSearchPath(statement, schema)
    wanted.push(
      ...lookupsOf(statement).map((lookup) => ({
        ...lookup,
        statement,
        elsewhere: elsewhere || (prefixed && statement.written === 'sql')
      }))
    )
  }
  const followed = followRemadeEnums(wanted, schema)
  const proof = proofs(followed, schema)
  return followed.flatMap((each, at) => (proof[at] === undefined ? [] : [{ ...each, ...proof[at] }]))
}

/**
 * Whether names without a schema mean something else from here on. With an empty search path, as pg_dump sets it, they
 * mean nothing at all.
 */
function changesSearchPath({ operations, text }: Statement, schema: string): boolean {
  return operations.some(
    (operation) =>
      operation.kind === 'set-parameter' &&
      operation.name.toLowerCase() === 'search_path' &&
      operation.value.replaceAll(/["']/g, '').trim() !== schema &&
      !(operation.value === '' && text.includes("''"))
  )
}

async function look(
  wanted: readonly Proven[],
  session: Session,
  schema: string | undefined
): Promise<readonly Found[]> {
  const values: string[] = []
  const text = (value: string): string => {
    const known = values.indexOf(value)
    return `$${known === -1 ? values.push(value) : known + 1}::text`
  }
  const columns = wanted.flatMap(({ there, done, invalid, elsewhere }, at) =>
    Object.entries({ there, done, invalid }).flatMap(([name, expression]: [string, Expression | undefined]) => {
      if (expression === undefined) return []
      const placed: boolean[] = []
      const schemaOf: Place['schemaOf'] = (named) => {
        placed.push(named.schema !== undefined)
        return named.schema ?? schema
      }
      const sql = expression({ text, schemaOf })
      const guessed = elsewhere && placed.includes(false)
      // The parameters of one that is not asked must be named all the same.
      return [`(${guessed ? `CASE WHEN false THEN ${sql} END` : sql}) AS ${name}_${at}`]
    })
  )
  const [row] = columns.length === 0 ? [] : await session.query(`SELECT ${columns.join(',\n')}`, values)
  const answer = (name: string): boolean | 'not checked' => {
    const value = row?.[name]
    return typeof value === 'boolean' ? value : 'not checked'
  }
  return wanted.map(({ object, doing, statement, ...proof }, at) => {
    const done = proven(answer(`done_${at}`), proof)
    return {
      object,
      doing,
      // One that is replaced is there, whoever made it.
      there: done === 'not checked' && !(proof.alone && doing === 'create or replace') ? done : answer(`there_${at}`),
      done,
      invalid: answer(`invalid_${at}`) === true,
      undo: proof.alone ? proof.undo : undefined,
      statement
    }
  })
}

function proven(done: Found['done'], { provesDone, provesNotDone }: Proof): Found['done'] {
  return (done === true && !provesDone) || (done === false && !provesNotDone) ? 'not checked' : done
}
