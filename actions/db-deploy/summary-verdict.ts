import { readableSize } from '../shared/files.ts'
import { counted, grouped } from './counted.ts'
import { readableDuration } from './duration.ts'
import { latestState } from './latest-state.ts'
import type { Backup, RunRecord, Stage } from './record.ts'
import type { MigrationState, MigrationStatus } from './state/migration-state.ts'

/** What a run came to, in a line of plain words. */
export interface Verdict {
  readonly icon: '✅' | '⚠️' | '📋' | '❌' | '🛑'
  /** With the environment, how long it took, and the backup: `production: 3 migrations applied in 12.4 s, backup …`. */
  readonly line: string
}

/** The verdict of any run. It says no more than was seen: what is not known is said to be so. */
export function verdictOf(record: RunRecord): Verdict {
  const { environment, startedAt, finishedAt, learned, status } = record
  const { icon, told, further } = status === 'failed' ? failed(record) : endings[record.command](record)
  const time = readableDuration(finishedAt - startedAt)
  const parts = [`${told} ${timed(record, time)}`, ...(further === undefined ? [] : [further])]
  if (learned.backup !== undefined && record.command !== 'backup') parts.push(backupInWords(learned.backup))
  return { icon, line: `${environment}: ${parts.join('; ')}` }
}

/** What only looks does not do in that time what it tells of: a migration that is pending is not pending "in 200 ms". */
function timed({ command, status }: RunRecord, time: string): string {
  if (status === 'failed') return `after ${time}`
  const does = command === 'deploy' || command === 'restore' || command === 'rollback'
  return does && status !== 'planned' ? `in ${time}` : `(${time})`
}

interface Ending {
  readonly icon: Verdict['icon']
  /** What happened; how long it took follows. */
  readonly told: string
  /** What is so now. */
  readonly further?: string
}

/** How a run that did not fail is told, by its command. */
const endings: Readonly<Record<RunRecord['command'], (record: RunRecord) => Ending>> = {
  deploy: deployed,
  plan: deployed,
  status: standing,
  preflight: checked,
  smoke: read,
  backup: ({ learned: { backup } }) =>
    backup === undefined ? { icon: '📋', told: 'no backup was made' } : { icon: '✅', told: backupInWords(backup) },
  restore: ({ status, learned, stages }) => {
    if (status === 'planned') return { icon: '📋', told: `${named(learned)} would be restored` }
    const further = stages.filter(({ name, note }) => (name === 'restore' || name === 'swap') && note !== '')
    const told = { icon: '✅', told: `${named(learned)} is restored` } as const
    return further.length === 0 ? told : { ...told, further: further.map(({ note }) => note).join('; ') }
  },
  rollback: rolledBack,
  drift: ({ learned: { difference } }) => {
    if (difference?.result === 'none' && difference.partial === true)
      return { icon: '⚠️', told: 'no drift that Prisma’s diff sees' }
    if (difference?.result === 'none') return { icon: '✅', told: 'no drift: the schema is what the migrations make' }
    if (difference?.result === 'found') return { icon: '⚠️', told: 'the schema is not what the migrations make' }
    return { icon: '⚠️', told: 'drift was not checked' }
  },
  diff: (record) => {
    const { difference } = record.learned
    if (difference?.result === 'none' && namesOf(latestState(record), 'pending').length === 0)
      return { icon: '✅', told: 'nothing is pending, so nothing was compared' }
    if (difference?.result === 'none' && difference.partial === true)
      return { icon: '⚠️', told: 'what is pending changes nothing that Prisma’s diff sees' }
    if (difference?.result === 'none') return { icon: '✅', told: 'what is pending changes nothing in the schema' }
    if (difference?.result === 'found') return { icon: '📋', told: 'what is pending changes the schema' }
    return { icon: '⚠️', told: 'what is pending was not compared' }
  }
}

function deployed(record: RunRecord): Ending {
  const { status, learned } = record
  const applied = appliedNames(record).length
  const state = latestState(record)
  const pending = namesOf(state, 'pending').length
  if (status === 'published')
    return { icon: warned(record) ? '⚠️' : '✅', told: `${counted(applied, 'migration')} applied` }
  if (pending > 0) {
    const would = `${counted(pending, 'migration')} would be applied`
    return { icon: '📋', told: learned.pending === undefined ? `${counted(pending, 'migration')} pending` : would }
  }
  const icon = warned(record) ? '⚠️' : status === 'planned' ? '📋' : '✅'
  if (state === undefined) return { icon, told: 'nothing was applied' }
  return { icon, told: 'nothing to apply', further: currentInWords(state) }
}

function standing(record: RunRecord): Ending {
  const state = latestState(record)
  if (state === undefined) return { icon: '⚠️', told: 'the state of migrations was not read' }
  const marks = state.migrations.filter(({ marks }) => marks.some((mark) => mark === 'edited' || mark === 'hidden'))
  const told = [
    ...(['failed', 'missing', 'pending'] as const).flatMap((status) => {
      const count = namesOf(state, status).length
      return count === 0 ? [] : [`${counted(count, 'migration')} ${status}`]
    }),
    ...(marks.length === 0 ? [] : [`${counted(marks.length, 'migration')} edited or hidden`])
  ]
  if (told.length > 0) return { icon: '⚠️', told: told.join(', ') }
  return { icon: warned(record) ? '⚠️' : '✅', told: 'up to date', further: currentInWords(state) }
}

function checked({ learned }: RunRecord): Ending {
  const checks = [...(learned.preflight ?? []), ...(learned.verification ?? [])]
  const of = (result: string): number => checks.filter((check) => check.result === result).length
  const told = [
    `${of('ok')} of ${counted(checks.length, 'check')} passed`,
    ...(of('warning') === 0 ? [] : [counted(of('warning'), 'warning')]),
    ...(of('not checked') === 0 ? [] : [`${of('not checked')} not checked`])
  ]
  return { icon: of('ok') === checks.length && checks.length > 0 ? '✅' : '⚠️', told: told.join(', ') }
}

function read(record: RunRecord): Ending {
  const { smoke } = record.learned
  if (smoke === undefined) return { icon: '⚠️', told: 'no table was read' }
  const readable = smoke.relations.filter((relation) => relation.readable).length
  const rows = `${smoke.total.exact ? '' : 'about '}${grouped(smoke.total.rows)} rows`
  return {
    icon: readable === smoke.relations.length && !warned(record) ? '✅' : '⚠️',
    told: `${readable} of ${counted(smoke.relations.length, smoke.of === 'models' ? 'model' : 'table')} can be read, ${rows}`
  }
}

function rolledBack(record: RunRecord): Ending {
  const { status, learned } = record
  const marks = learned.before?.framework === 'prisma'
  const done = marks ? 'marked as rolled back' : 'rolled back'
  if (status === 'planned') return { icon: '📋', told: `${goingBack(learned)} would be ${done}` }
  const further = nowAt(latestState(record)?.current)
  if (status === 'unchanged') return { icon: '✅', told: 'nothing to roll back', further }
  const now = new Map(latestState(record)?.migrations.map((migration) => [migration.name, migration.status]))
  const undone = (learned.before?.migrations ?? []).filter(
    (migration) => migration.status !== 'pending' && now.get(migration.name) === 'pending'
  )
  const again = marks
    ? 'mend the file before the next deploy runs it again'
    : 'pending again: the next deploy applies it'
  return undone.length === 0
    ? { icon: '✅', told: done, further }
    : { icon: '✅', told: `${counted(undone.length, 'migration')} ${done}`, further: `${again}; ${further}` }
}

function goingBack({ goingBack: names = [] }: RunRecord['learned']): string {
  if (names.length === 0) return 'what the release’s own call takes back'
  return names.length > 3 ? `${counted(names.length, 'migration')}, back to ${names.at(-1) ?? ''},` : names.join(', ')
}

function failed(record: RunRecord): Ending {
  const at = record.stages.findLast(({ result }) => result === 'failed' || result === 'cancelled')
  const where = at === undefined ? '' : ` in “${at.title}”`
  const icon = record.cancelled ? '🛑' : '❌'
  const told = `${record.cancelled ? 'cancelled' : `${record.command} failed`}${where}`
  const further = writes.has(record.command) ? leftBehind(record) : judgement(record)
  return further === undefined ? { icon, told } : { icon, told, further }
}

const writes: ReadonlySet<RunRecord['command']> = new Set(['deploy'])

/** What stands after a deploy that did not end well. */
function leftBehind(record: RunRecord): string {
  const begun = record.stages.some((stage: Stage) => stage.name === 'migrate' && stage.result !== 'skipped')
  if (!begun) return 'no migration was run'
  const applied = appliedNames(record).length
  const failed = (record.learned.ran ?? []).filter(({ result }) => result === 'failed').length
  if (record.learned.after === undefined) return 'what was applied is not known'
  const broken = failed === 0 ? '' : `, ${failed} failed`
  return `${applied === 0 ? 'no migration was applied' : `${counted(applied, 'migration')} applied`}${broken}`
}

/** What a command that only looks has found, where that is why it failed. */
function judgement(record: RunRecord): string | undefined {
  const { command, learned } = record
  if (command === 'drift' && learned.difference?.result === 'found') return 'the schema is not what the migrations make'
  const checks = [...(learned.preflight ?? []), ...(learned.verification ?? [])]
  const broken = checks.filter(({ result }) => result === 'failed').map(({ title }) => title)
  const titles = `${broken.slice(0, 3).join(', ')}${broken.length > 3 ? ` and ${broken.length - 3} more` : ''}`
  const failing = broken.length === 0 ? [] : [`${counted(broken.length, 'check')} failed: ${titles}`]
  const told = command === 'status' && learned.before !== undefined ? standing(record) : undefined
  // What failed is not up to date, though nothing may be pending.
  const stands = told === undefined || told.further !== undefined ? [] : [told.told]
  return [...stands, ...failing].join('; ') || undefined
}

function appliedNames({ learned }: RunRecord): readonly string[] {
  return (learned.ran ?? []).filter(({ result }) => result === 'applied').map(({ name }) => name)
}

function namesOf(state: MigrationState | undefined, status: MigrationStatus['status']): readonly string[] {
  return (state?.migrations ?? []).filter((migration) => migration.status === status).map(({ name }) => name)
}

function currentInWords(state: MigrationState): string {
  return `${namesOf(state, 'applied').length} applied, ${nowAt(state.current)}`
}

function nowAt(current: string | undefined): string {
  return current === undefined ? 'none is current' : `the newest is ${current}`
}

function named({ database }: RunRecord['learned']): string {
  return database === undefined ? 'the database' : `database ${database.name}`
}

/** Something that passed has a warning, or what was to be verified was not looked at. */
function warned({ learned, stages }: RunRecord): boolean {
  const { preflight = [], verification = [] } = learned
  const checks = [...preflight, ...verification]
  return (
    checks.some(({ result }) => result === 'warning') ||
    stages.some(({ result }) => result === 'warning') ||
    verification.some(({ result }) => result === 'not checked')
  )
}

/** How far a backup was proven, in words. */
export const verifiedInWords: Readonly<Record<Backup['verified'], string>> = {
  list: 'its list of contents read',
  read: 'read to its end',
  restore: 'restored and compared',
  command: 'made by your own command, not verified here'
}

function backupInWords({ file, bytes, verified, encrypted }: Backup): string {
  const size = bytes === undefined ? '' : ` of ${readableSize(bytes)}`
  const encryption = file === undefined ? '' : encrypted ? ', encrypted' : ', not encrypted'
  return `backup${size}${encryption}, ${verifiedInWords[verified]}`
}
