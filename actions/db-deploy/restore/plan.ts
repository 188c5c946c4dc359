import { counted } from '../counted.ts'
import type { Plan, Step } from '../../shared/phases.ts'
import type { Problem } from '../../shared/problem.ts'
import { majorOf } from '../dump/programs.ts'
import type { Inputs } from '../inputs.ts'
import { dumpTold, type RestoreFacts } from './inspect.ts'
import { namesAt } from './names.ts'

export interface RestorePlan extends Plan {
  readonly way:
    | {
        readonly mode: 'swap'
        /** Where the dump goes into. */
        readonly made: string
        /** The name that what is there now is kept under; undefined where nothing is there. */
        readonly kept: string | undefined
      }
    | { readonly mode: 'in-place'; readonly backup: boolean }
}

type Question = Pick<Inputs, 'restore' | 'backup' | 'production'>

/** What is to be done, or everything that speaks against it. Pure. */
export function plan(
  inputs: Question,
  facts: RestoreFacts
): { readonly plan: RestorePlan } | { readonly problems: readonly Problem[] } {
  const problems = [
    ...facts.problems,
    ...dumpProblems(inputs, facts),
    ...(inputs.restore.mode === 'swap' ? swapProblems(facts) : inPlaceProblems(facts))
  ]
  if (problems.length > 0) return { problems }
  return { plan: inputs.restore.mode === 'swap' ? swapPlan(facts) : inPlacePlan(inputs, facts) }
}

function swapPlan({ database, server, dump, at }: RestoreFacts): RestorePlan {
  const names = namesAt(database, at)
  const { made } = names
  const kept = server.target === undefined ? undefined : names.kept
  const ended = counted(server.target?.connections.length ?? 0, 'connection')
  const swapped: Step =
    kept === undefined
      ? { kind: 'create', target: database, wanted: `the name of ${made}`, why: 'no database has it' }
      : {
          kind: 'update',
          target: database,
          there: `${ended}, which are ended`,
          wanted: `the name of ${made}; what is there is kept as ${kept}`,
          why: 'once every table has the rows of the dump'
        }
  const filled: Step = { kind: 'create', target: made, wanted: `restored from ${dump.file}`, why: dumpTold(dump) }
  return { way: { mode: 'swap', made, kept }, steps: [filled, swapped] }
}

function inPlacePlan({ backup, production }: Question, { database, dump }: RestoreFacts): RestorePlan {
  // What is there is gone when the transaction is committed.
  const wanted = backup.when === 'auto' ? production.production : backup.when === 'true'
  const backedUp: Step = { kind: 'create', target: 'backup', wanted: 'verified', why: 'of what is there now' }
  const replaced: Step = {
    kind: 'update',
    target: database,
    wanted: `restored from ${dump.file} in one transaction; what the dump does not know stays`,
    why: dumpTold(dump)
  }
  return { way: { mode: 'in-place', backup: wanted }, steps: [...(wanted ? [backedUp] : []), replaced] }
}

function dumpProblems(
  { production }: Question,
  { database, dump, server, holdsTables }: RestoreFacts
): readonly Problem[] {
  const { contents } = dump
  const phrase = `restore ${database} from ${contents.database}`
  const extensions = contents.entries.flatMap(({ text }) => /^EXTENSION - (\S+)/.exec(text)?.[1] ?? [])
  const missing = extensions.filter((name) => !server.availableExtensions.has(name))
  const [from, into] = [Number.parseInt(contents.serverVersion, 10), majorOf(server.version)]
  return [
    ...(contents.format === 'CUSTOM'
      ? []
      : [
          {
            code: 'deploy-restore-file',
            message: `${dump.file} is a dump in the format ${contents.format}.`,
            hint: 'Name a dump in custom format (`pg_dump --format=custom`).'
          }
        ]),
    ...(dump.tables > 0 || !holdsTables
      ? []
      : [
          {
            code: 'deploy-restore-file',
            message: `${dump.file} holds the rows of no table, and ${database} has tables: it would be emptied.`,
            hint: 'Name another dump: this one is of an empty database, or of a schema alone. Nothing was changed.'
          }
        ]),
    ...(contents.database === database || production.confirm === phrase
      ? []
      : [
          {
            code: 'deploy-restore-foreign',
            message: `The dump is of another database: ${dumpTold(dump)}; the one that is to be restored is ${database}.`,
            hint: `If that is what you mean, write \`confirm: ${phrase}\`.`
          }
        ]),
    ...(missing.length === 0
      ? []
      : [
          {
            code: 'deploy-restore-failed',
            message: `The dump needs ${missing.length === 1 ? 'the extension' : 'the extensions'} ${missing.join(', ')}, which this server has not.`,
            hint: 'Install them on the server, or restore on one that has them. Nothing was changed.'
          }
        ]),
    ...(from > into
      ? [
          {
            code: 'deploy-restore-failed',
            message: `The dump is of PostgreSQL ${from}, and this server is PostgreSQL ${into}: what is newer need not go into what is older.`,
            hint: `Restore on a server of PostgreSQL ${from} or newer. Nothing was changed.`
          }
        ]
      : [])
  ]
}

function swapProblems({ database, server }: RestoreFacts): readonly Problem[] {
  const { target, mayCreate } = server
  const lacks = [
    ...(mayCreate ? [] : ['may make no databases (CREATEDB)']),
    ...(target === undefined || target.ours ? [] : [`is not ${target.owner}, who owns ${database}`])
  ]
  return [
    ...(lacks.length === 0
      ? []
      : [
          {
            code: 'deploy-restore-rights',
            message: `The role that connects ${lacks.join(' and ')}, and so cannot put a new database in the place of ${database}.`,
            hint: 'Let the owner of the database connect, with `ALTER ROLE … CREATEDB`, or use `restore-mode: in-place`.'
          }
        ]),
    ...(target === undefined || target.otherRoles.length === 0
      ? []
      : [
          {
            code: 'deploy-restore-rights',
            message: `${target.otherRoles.join(', ')} ${target.otherRoles.length === 1 ? 'has settings of its' : 'have settings of their'} own in ${database} (ALTER ROLE … IN DATABASE … SET), which the role that connects may not carry over.`,
            hint: 'Use `restore-mode: in-place`, or let a superuser connect (from PostgreSQL 16 on CREATEROLE and ADMIN on these roles will do).'
          }
        ]),
    ...(target === undefined || target.slots.length === 0
      ? []
      : [
          {
            code: 'deploy-restore-rights',
            message: `Replication reads from ${database}: ${target.slots.join(', ')}. Its slots would stay with what is there now.`,
            hint: 'Use `restore-mode: in-place`, or end the replication and drop its slots (`pg_drop_replication_slot`) before.'
          }
        ])
  ]
}

function inPlaceProblems({ database, server, programs }: RestoreFacts): readonly Problem[] {
  const { target, version } = server
  return [
    ...(target === undefined
      ? [
          {
            code: 'deploy-restore-rights',
            message: `There is no database ${database} on this server.`,
            hint: 'Use `restore-mode: swap`, which makes it.'
          }
        ]
      : []),
    // pg_restore from 17 on begins with a setting that older servers refuse, which ends a transaction.
    ...(programs.major >= 17 && majorOf(version) < 17
      ? [
          {
            code: 'deploy-backup-programs',
            message: `pg_restore ${programs.version} cannot restore into PostgreSQL ${majorOf(version)} in one transaction: it begins with transaction_timeout, which came with 17.`,
            hint: `Install the programs of the server's version (\`sudo apt-get install -y postgresql-client-${majorOf(version)}\`), or use \`restore-mode: swap\`.`
          }
        ]
      : [])
  ]
}
