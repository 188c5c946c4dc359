import type { Statement } from '../../shared/migrations/migration.ts'
import type { MigrationFailure } from '../record.ts'
import type { Transaction } from './atomicity.ts'
import { isWhole, type Found } from './inventory.ts'
import type { FailureRequest } from './migration-failure.ts'

export interface RunbookCase extends FailureRequest {
  readonly failure: MigrationFailure
  readonly found: readonly Found[]
  readonly transaction: Transaction
  readonly provenAbsent: boolean
}

/**
 * What people do after a migration failed, and what they had better not do: lines in the order in which they are done,
 * commands in back-ticks. Pure.
 */
export function runbook(failed: RunbookCase): readonly string[] {
  const left = failed.failure.atomic
  const ended = failed.failure.sqlstate === undefined && isWhole(failed.found)
  const way =
    failed.framework === 'ecto'
      ? { true: ectoClean, false: ectoHalf, undefined: ectoUnknown }
      : { true: prismaClean, false: ended ? prismaWhole : prismaHalf, undefined: prismaUnknown }
  return [
    ...causes(failed),
    ...way[`${left}`](failed),
    ...restore(failed),
    ...(left === true ? [] : ['Deploy nothing else to this database until that is done.'])
  ]
}

type Way = (failed: RunbookCase) => readonly string[]

/** Why it was not made ready for what met it, by SQLSTATE (PostgreSQL, appendix A). */
function causes({ failure: { sqlstate }, result, name }: RunbookCase): readonly string[] {
  const killed = result === undefined || result.end === 'killed' || result.end === 'timed out'
  if (killed) return [`${name} was ended while it ran: nobody knows more of it than what is in the database now.`]
  if (sqlstate === '55P03') {
    return [
      "A lock was not to be had in lock_timeout. Look who holds it: `SELECT pid, usename, state, xact_start, query FROM pg_stat_activity WHERE state <> 'idle' ORDER BY xact_start;` End it or wait for it, or deploy when there is less to do."
    ]
  }
  if (sqlstate === '57014')
    return ['It took longer than statement_timeout, or somebody cancelled it: set statement-timeout to more.']
  if (sqlstate !== undefined && duplicates.has(sqlstate)) {
    return [
      'What it makes was there before it: somebody made it by hand, or an earlier attempt did. What stands in the list of objects as there need not be of this migration.'
    ]
  }
  return []
}

/** duplicate_table, _column, _object, _schema, _function. */
const duplicates = new Set(['42P07', '42701', '42710', '42P06', '42723'])

const resolve = (name: string, as: 'applied' | 'rolled-back'): string =>
  `\`npx prisma migrate resolve --${as} "${name}"\``

const prismaClean: Way = ({ name, provenAbsent }) => [
  provenAbsent
    ? `Nothing of ${name} is in the database: none of what it makes is there, and all that it drops still is.`
    : `${name} ran as one transaction, which was rolled back: nothing of it stayed.`,
  `Mend the cause, then say that it was rolled back: ${resolve(name, 'rolled-back')}, and run this workflow again.`,
  'Until then Prisma runs nothing more (P3009).',
  `Do not use \`--applied\`: Prisma would never run it. Do not delete its row of _prisma_migrations by hand.`
]

const prismaWhole: Way = ({ name, found }) => [
  `All of ${name} is there; only its row in Prisma's table was not finished.`,
  ...inventoryLines(found),
  `Look once more, then say so: ${resolve(name, 'applied')}, and run this workflow again.`,
  'Do not use `--rolled-back`: the next deploy would run the whole file again and fail at what is there.'
]

const prismaHalf: Way = (failed) => [
  `${failed.name} was not one transaction: what it did before it failed has stayed.`,
  ...inventoryLines(failed.found),
  ...forward(failed, `then say that it is whole: ${resolve(failed.name, 'applied')}`),
  ...back(
    failed,
    `then say that it was rolled back: ${resolve(failed.name, 'rolled-back')}, mend the migration and run this workflow again`
  ),
  `Do not use \`--rolled-back\` before what is there was taken away: the next deploy runs the whole file again and fails at what is there.`
]

const prismaUnknown: Way = (failed) => [
  `Whether anything of ${failed.name} stayed is not known${why(failed)}.`,
  ...inventoryLines(failed.found),
  `Look at ${failed.file?.path ?? 'its file'} statement by statement. Is nothing of it there: ${resolve(failed.name, 'rolled-back')}. Is all of it there: ${resolve(failed.name, 'applied')}. Is a part there: finish it or take it back by hand first.`,
  'Do not use `migrate resolve` on a guess: Prisma believes it and never looks.'
]

const ectoClean: Way = ({ name, provenAbsent, transaction }) => [
  provenAbsent && transaction !== 'all or nothing'
    ? `Nothing of ${name} is in the database, and schema_migrations does not have it.`
    : `${name} ran in a transaction, which was rolled back: nothing of it stayed, and schema_migrations does not have it.`,
  'Mend the cause and run this workflow again; nothing has to be resolved.',
  `Do not insert ${name} into schema_migrations by hand: Ecto would never run it.`
]

const ectoHalf: Way = (failed) => [
  `${failed.name} has \`@disable_ddl_transaction true\`: what it did before it failed has stayed, and schema_migrations does not have it.`,
  ...inventoryLines(failed.found),
  ...back(failed, 'then run this workflow again'),
  ...forward(
    failed,
    `then say that it is whole: \`INSERT INTO ${failed.table ?? 'schema_migrations'} (version, inserted_at) VALUES (${failed.name}, now() AT TIME ZONE 'UTC');\``
  ),
  'Do not run it again before that: Ecto begins at its first statement, and fails at what is there.'
]

const ectoUnknown: Way = (failed) => [
  `Whether anything of ${failed.name} stayed is not known${why(failed)}. schema_migrations does not have it, so the next deploy runs it again from its first statement.`,
  ...inventoryLines(failed.found),
  `Look at ${failed.file?.path ?? 'its file'} and take back by hand what is there of it, then run this workflow again.`
]

function why({ file, found, transaction, tool }: RunbookCase): string {
  if (file === undefined) return ', as its file is not here'
  if (found.some(({ done }) => done === 'not checked'))
    return ', as it changes what the catalog does not tell, such as rows'
  return transaction === 'unknown' ? `, as it is not known how ${tool.label} runs it` : ''
}

function inventoryLines(found: readonly Found[]): readonly string[] {
  const told = (wanted: Found['done']): string =>
    found
      .filter(({ done }) => done === wanted)
      .map(({ doing, object, invalid }) => `${doing} ${object}${invalid ? ' (INVALID)' : ''}`)
      .join('; ')
  return [...line('Done', told(true)), ...line('Not done', told(false)), ...line('Not checked', told('not checked'))]
}

function line(title: string, text: string): readonly string[] {
  return text === '' ? [] : [`${title}: ${text}.`]
}

/** To finish it: the statements that are not done, in their order. */
function forward({ found, file }: RunbookCase, end: string): readonly string[] {
  const rest = statementsOf(found, (facts) => facts.some(({ done, invalid }) => done !== true || invalid))
  if (rest.length === 0) return [`All of it is there: ${end}.`]
  const invalid = found.filter(({ invalid }) => invalid).flatMap(({ undo }) => undo ?? [])
  return [
    ...invalid.map((sql) => `An index is INVALID: no query uses it and every write keeps it up. Drop it: \`${sql}\``),
    `To finish it by hand: ${rest.map((statement) => sqlOf(statement, file?.path)).join(' ')} ${end}.`
  ]
}

/** To take it back: what it made, last first. */
function back({ found }: RunbookCase, end: string): readonly string[] {
  const done = found.filter((each) => each.done === true)
  const undo = done.toReversed().flatMap((each) => each.undo ?? [])
  const others = done.filter((each) => each.undo === undefined).map(({ doing, object }) => `${doing} ${object}`)
  if (done.length === 0) return []
  return [
    `To take it back by hand, where this migration made it and nobody has used it since: ${[
      ...undo.map((sql) => `\`${sql}\``),
      ...(others.length === 0 ? [] : [`and by your own SQL what this did: ${others.join('; ')};`])
    ].join(' ')} ${end}.`
  ]
}

function restore({ backup, failure }: RunbookCase): readonly string[] {
  if (failure.atomic === true) return []
  if (backup === undefined) return ['There is no backup of this run to go back to.']
  if (backup === 'made')
    return ['The last way is the backup that this run made before it migrated: its log says where it is.']
  return [
    `The last way is the backup, which loses what was written since: \`${backup.restore}\` Restore into a new database and swap, never with \`psql <\` into this one.`
  ]
}

function statementsOf(found: readonly Found[], wanted: (facts: readonly Found[]) => boolean): readonly Statement[] {
  return [...new Set(found.map(({ statement }) => statement))].filter((statement) =>
    wanted(found.filter((each) => each.statement === statement))
  )
}

const longest = 400

/** A statement on one line; by its place where it is long, or where a line break or a mark in it has a meaning. */
function sqlOf({ text, span, written }: Statement, path = 'its file'): string {
  const short = text.trim().replaceAll(/\s+/g, ' ')
  if (
    written === 'sql' &&
    short.length <= longest &&
    !/--|\/\*|`/.test(text) &&
    !/\n[\s\S]*['$]|['$][\s\S]*\n/.test(text.trim())
  ) {
    return `\`${short.replace(/;?$/, ';')}\``
  }
  return `what lines ${span.start.line} to ${span.end.line} of ${path} do,`
}
