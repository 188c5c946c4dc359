import type { Statement } from '../../shared/migrations/migration.ts'
import type { MigrationFailure } from '../record.ts'
import { isEdited } from '../state/migration-state.ts'
import type { Transaction } from './atomicity.ts'
import { causes } from './causes.ts'
import { failedAt, statementsOf } from './failed-statement.ts'
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

/** What people do about a migration of Prisma's that failed in an earlier run, before anything else can be deployed. */
export function unsettled(name: string): readonly string[] {
  return [
    `${name} failed in an earlier run, whose summary has its runbook. Prisma runs nothing more until that is settled (P3009).`,
    'What of it is there now, and the commands that finish it or take it back, are listed by this workflow with `command: rollback` and `dry-run: true`.',
    `Only when nothing of it is there: \`command: rollback\` proves that and marks it. Then mend it and deploy again.`,
    `Only when all of it is there: ${resolve(name, 'applied')}`
  ]
}

type Way = (failed: RunbookCase) => readonly string[]

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
  `Look at ${textThatRan(failed)} statement by statement. Is nothing of it there: ${resolve(failed.name, 'rolled-back')}. Is all of it there: ${resolve(failed.name, 'applied')}. Is a part there: finish it or take it back by hand first.`,
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

function textThatRan({ file, status }: RunbookCase): string {
  if (status?.path !== undefined && isEdited(status)) return `the text that ran (\`git log -- ${status.path}\`)`
  return file?.path ?? 'its file'
}

function why({ file, found, transaction, tool, status }: RunbookCase): string {
  if (isEdited(status)) return ', as its file was edited since: what it says now is not what ran'
  if (file === undefined) return ', as its file is not here'
  if (found.some(({ done }) => done === 'not checked'))
    return ', as it does what the catalog does not tell: it changes rows, or gives a name that was there before'
  return transaction === 'unknown' ? `, as it is not known how ${tool.label} runs it` : ''
}

function inventoryLines(found: readonly Found[]): readonly string[] {
  const told = (wanted: Found['done']): string =>
    unique(
      found
        .filter(({ done }) => done === wanted)
        .map(({ doing, object, invalid }) => `${doing} ${object}${invalid ? ' (INVALID)' : ''}`)
    ).join('; ')
  return [...line('Done', told(true)), ...line('Not done', told(false)), ...line('Not checked', told('not checked'))]
}

function line(title: string, text: string): readonly string[] {
  return text === '' ? [] : [`${title}: ${text}.`]
}

/**
 * Whether a statement ran, of which the catalog tells nothing, where each commits by itself: all before the one that failed
 * did, and none after it. Where that one is not known, what came, went or was renamed tells it of its neighbours. A property
 * tells nothing here: it may have been so before.
 */
function unseen(failed: RunbookCase): (statement: Statement) => 'ran' | 'did not run' | 'not known' {
  const { found } = failed
  if (failed.transaction !== 'by statement') return () => 'not known'
  const statements = statementsOf(found, () => true)
  const at = failedAt(failed)
  const told = (wanted: boolean): readonly number[] =>
    found.flatMap(({ statement, done, doing }) =>
      done === wanted && doing !== 'change' ? [statements.indexOf(statement)] : []
    )
  const lastDone = at === undefined ? Math.max(-1, ...told(true)) : at - 1
  const firstNotDone = at ?? Math.min(statements.length, ...told(false))
  return (statement) => {
    const place = statements.indexOf(statement)
    if (place <= lastDone === place >= firstNotDone) return 'not known'
    return place <= lastDone ? 'ran' : 'did not run'
  }
}

/** To finish it: the statements that are not done, in their order. */
function forward(failed: RunbookCase, end: string): readonly string[] {
  const { found, file } = failed
  const ran = unseen(failed)
  const rest = statementsOf(found, (facts) => facts.some(({ done, invalid }) => done !== true || invalid)).filter(
    (statement) => !isUnseen(found, statement) || ran(statement) !== 'ran'
  )
  const invalid = unique(found.filter((each) => each.invalid).flatMap(({ undo }) => undo ?? []))
  const dropped = invalid.map(
    (sql) => `An index is INVALID: no query uses it and every write keeps it up. Drop it in any case: \`${sql}\``
  )
  if (rest.length === 0) return [...dropped, `All of it is there: ${end}.`]
  const told = rest.map((statement) => {
    const doubt = isUnseen(found, statement) && ran(statement) === 'not known'
    return sqlOf(statement, file?.path, doubt)
  })
  return [...dropped, `To finish it by hand: ${told.join(' ')} ${end}.`]
}

/** The catalog tells nothing of what it does. */
function isUnseen(found: readonly Found[], statement: Statement): boolean {
  return found.some((each) => each.statement === statement && each.done === 'not checked')
}

/** To take it back: what it made, last first. */
function back(failed: RunbookCase, end: string): readonly string[] {
  const { found } = failed
  const ran = unseen(failed)
  const done = found.filter((each) => each.done === true && !each.invalid)
  const undo = unique(done.toReversed().flatMap((each) => each.undo ?? []))
  const others = unique(
    found
      .filter(
        (each) =>
          (each.done === true && !each.invalid && each.undo === undefined) ||
          (each.done === 'not checked' && ran(each.statement) !== 'did not run')
      )
      .map(({ doing, object, done: is, statement }) =>
        is === true || ran(statement) === 'ran' ? `${doing} ${object}` : `${doing} ${object} (if it has run)`
      )
  )
  if (undo.length === 0 && others.length === 0) return []
  return [
    `To take it back by hand, where this migration made it and nobody has used it since: ${[
      ...undo.map((sql) => `\`${sql}\``),
      ...(others.length === 0
        ? []
        : [`${undo.length === 0 ? '' : 'and '}by your own SQL what this did: ${others.join('; ')};`])
    ].join(' ')} ${end}.`
  ]
}

function unique(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)]
}

function restore({ backup, failure, result }: RunbookCase): readonly string[] {
  if (failure.atomic === true) return []
  if (backup === undefined) {
    // Without the tool's own words it was another run that migrated.
    const earlier = result === undefined ? ' The run that migrated may have made one: its summary names it.' : ''
    return [`This run made no backup to go back to.${earlier}`]
  }
  if (backup === 'made')
    return ['The last way is the backup that this run made before it migrated: its log says where it is.']
  return [
    `The last way is the backup, which loses what was written since: \`${backup.restore}\` Restore into a new database and swap, and never run a dump in this one.`
  ]
}

const longest = 400

/**
 * A statement on one line; by its place where it is long, or where a line break or a mark in it has a meaning.
 *
 * @param doubt whether it has run is not known: it is given as a comment, which copied by mistake does nothing
 */
function sqlOf({ text, span, written }: Statement, path: string | undefined, doubt: boolean): string {
  const short = text.trim().replaceAll(/\s+/g, ' ')
  if (
    written === 'sql' &&
    short.length <= longest &&
    !/--|\/\*|`/.test(text) &&
    !/\n[\s\S]*['$]|['$][\s\S]*\n/.test(text.trim())
  ) {
    return `\`${doubt ? '-- if it has not run, which the catalog does not tell: ' : ''}${short.replace(/;?$/, ';')}\``
  }
  const { start, end } = span
  const file = path ?? 'its file'
  const look = doubt ? ' (look first whether it has run: the catalog does not tell)' : ''
  return start.line === end.line
    ? `what line ${start.line} of ${file} does${look},`
    : `what lines ${start.line} to ${end.line} of ${file} do${look},`
}
